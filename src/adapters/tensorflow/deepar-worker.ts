import type { Worker } from 'node:worker_threads'
import { fromPlainError, TidegaugeError } from '../../core/errors.ts'
import type { FitOptions, FitProgress, Fitted } from '../../forecast/deepar/fit.ts'
import type { ForecastOptions, SeriesForecast } from '../../forecast/deepar/forecast.ts'
import type { DeepArModel } from '../../forecast/deepar/model.ts'
import { decodeModel, encodeModel } from '../../forecast/deepar/model-file.ts'
import type { SeriesInput } from '../../forecast/deepar/prepared-series.ts'
import type { Reply, Request } from './messages.ts'

/** The program of the thread. */
export const DEEPAR_THREAD = new URL('./worker.ts', import.meta.url)

/**
 * Training and sampling in a thread of their own, so that the event loop stays free. Requests are answered in order;
 * the thread lives until `close`. Training rejects with BACKEND_MISSING when TensorFlow's library cannot be loaded;
 * forecasts do not need it.
 */
export class DeepArWorker {
  readonly #worker: Worker
  #tail: Promise<unknown> = Promise.resolve()

  /** `worker` runs DEEPAR_THREAD. */
  constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Resolves when the library that training needs was loaded. */
  async probe(): Promise<void> {
    await this.#ask({ kind: 'probe' }, () => {})
  }

  async fit(
    series: readonly SeriesInput[],
    options: FitOptions,
    onProgress: (progress: FitProgress) => void = () => {},
  ): Promise<Fitted> {
    const { warmStart, ...rest } = options
    const request: Request = {
      kind: 'fit',
      series,
      options: rest,
      ...(warmStart === undefined ? {} : { warmStart: encodeModel(warmStart) }),
    }
    const reply = await this.#ask(request, onProgress)
    if (reply.kind !== 'fitted') throw new TidegaugeError('INTERNAL', `the worker answered ${reply.kind}`)
    return { model: decodeModel(reply.model, 'worker'), ...reply.rest }
  }

  async forecast(
    model: DeepArModel,
    series: readonly SeriesInput[],
    options: ForecastOptions,
  ): Promise<readonly SeriesForecast[]> {
    const reply = await this.#ask({ kind: 'forecast', model: encodeModel(model), series, options }, () => {})
    if (reply.kind !== 'forecasts') throw new TidegaugeError('INTERNAL', `the worker answered ${reply.kind}`)
    return reply.forecasts
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  /** One request at a time: the next is sent when the last was answered. */
  #ask(request: Request, onProgress: (progress: FitProgress) => void): Promise<Reply> {
    const answered = this.#tail.then(() => this.#exchange(request, onProgress))
    this.#tail = answered.catch(() => {})
    return answered
  }

  #exchange(request: Request, onProgress: (progress: FitProgress) => void): Promise<Reply> {
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      const done = () => {
        worker.off('message', onMessage)
        worker.off('error', onError)
        worker.off('exit', onExit)
      }
      const onMessage = (reply: Reply) => {
        if (reply.kind === 'progress') return onProgress(reply.progress)
        done()
        if (reply.kind !== 'failed') return resolve(reply)
        reject(fromPlainError(reply.error))
      }
      const onError = (cause: unknown) => {
        done()
        reject(new TidegaugeError('INTERNAL', 'the forecasting thread failed', { cause }))
      }
      const onExit = () => {
        done()
        reject(new TidegaugeError('INTERNAL', 'the forecasting thread was stopped'))
      }
      worker.on('message', onMessage)
      worker.once('error', onError)
      worker.once('exit', onExit)
      worker.postMessage(request)
    })
  }
}
