import { Worker } from 'node:worker_threads'
import { TidegaugeError } from '../../core/errors.ts'
import type { FitOptions, FitProgress, Fitted } from '../../forecast/deepar/fit.ts'
import type { ForecastOptions, SeriesForecast } from '../../forecast/deepar/forecast.ts'
import type { DeepArModel } from '../../forecast/deepar/model.ts'
import { decodeModel, encodeModel } from '../../forecast/deepar/model-file.ts'
import type { SeriesInput } from '../../forecast/deepar/prepared-series.ts'
import type { Reply, Request } from './messages.ts'

/** A compiled file starts as it is; from source the thread must register the TypeScript loader for itself first. */
function startWorker(): Worker {
  // A thread's environment is a copy that the C library does not see, so this is set before the thread starts.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url))
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const entry = JSON.stringify(new URL('./worker.ts', import.meta.url).href)
  return new Worker(`import(${loader}).then(({ register }) => { register(); return import(${entry}) })`, { eval: true })
}

/**
 * Training and sampling in a thread of their own, so that the event loop stays free. Requests are answered in order;
 * the thread lives until `close`. Training rejects with BACKEND_MISSING when TensorFlow's library cannot be loaded;
 * forecasts do not need it.
 */
export class DeepArWorker {
  readonly #worker = startWorker()
  #tail: Promise<unknown> = Promise.resolve()

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
        const { code, message, where, hint } = reply.error
        const place = { ...(where === undefined ? {} : { where }), ...(hint === undefined ? {} : { hint }) }
        reject(new TidegaugeError(code, message, place))
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
