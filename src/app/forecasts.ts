import type { DeepArWorker } from '../adapters/tensorflow/deepar-worker.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import type { ForecastBoard } from '../runtime/forecast-board.ts'
import { type ForecastPorts, ForecastService } from '../runtime/forecast-service.ts'
import type { ModelCatalog } from '../runtime/model-catalog.ts'
import { Retraining } from '../runtime/retraining.ts'
import type { HealthProblem } from '../runtime/views.ts'
import type { Backend } from './backend.ts'
import { startForecasting } from './forecasting/engine.ts'
import { every, systemClock } from './system.ts'

/** How often it is looked whether a model is to be trained anew. */
const RETRAINING_LOOK_MS = 1_000

interface Parts extends Pick<ForecastPorts, 'telemetry' | 'logger'> {
  readonly backend: Backend
  readonly board: ForecastBoard
}

/**
 * Forecasts over several periods of all pipelines that ask for them: one thread for all, started when first needed. And
 * models trained anew, each in a thread that lives as long as the training.
 */
export class Forecasts {
  readonly #parts: Parts
  readonly #services: ForecastService[] = []
  readonly #unavailable: HealthProblem[] = []
  readonly #retraining: { readonly service: Retraining; readonly stopLooking: () => void }[] = []
  readonly #trainers = new Set<DeepArWorker>()
  #engine: DeepArWorker | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** What can do nothing on this machine, and why. */
  get unavailable(): readonly HealthProblem[] {
    return this.#unavailable
  }

  /** The service of a pipeline; undefined when its file asks for no forecasts. */
  serviceOf({ name, forecast, period, sinks }: PipelineConfig): ForecastService | undefined {
    if (forecast === undefined) return undefined
    const { backend, board, telemetry, logger } = this.#parts
    const { horizon, quantiles, samples } = forecast
    const service = new ForecastService(
      {
        pipeline: name,
        topic: sinks.forecasts.topic,
        periodMs: period.length,
        horizon,
        quantiles,
        samples,
      },
      {
        engine: () => {
          this.#engine ??= startForecasting()
          return this.#engine
        },
        publish: (records) => backend.writeDown(records, `forecasts.${name}`),
        show: (series, view) => board.show(name, series.key, view),
        telemetry,
        logger,
      },
    )
    this.#services.push(service)
    return service
  }

  /** Trains a pipeline's model anew now and then, if its file asks for that. `isOurs`: this process is to do it. */
  retrain(config: PipelineConfig, catalog: ModelCatalog, isOurs: () => boolean): void {
    const { name, forecast, period } = config
    if (forecast?.retrain === undefined) return
    const { backend, telemetry, logger } = this.#parts
    const { every: everyMs, history: historyMs, steps } = forecast.retrain
    const settings = { pipeline: name, periodMs: period.length, horizon: forecast.horizon, everyMs, historyMs, steps }
    const history = backend.history?.bind(backend, config)
    const train: DeepArWorker['fit'] = (...request) => this.#train((trainer) => trainer.fit(...request))
    const probe = () => this.#train((trainer) => trainer.probe())
    const unavailable = (detail: string) => {
      this.#unavailable.push({ reason: 'training_unavailable', pipeline: name, detail })
    }
    const ports = { isOurs, history, train, probe, unavailable, catalog, clock: systemClock, telemetry, logger }
    const service = new Retraining(settings, ports)
    void service.probe()
    this.#retraining.push({ service, stopLooking: every(RETRAINING_LOOK_MS, () => service.check()) })
  }

  async #train<T>(work: (trainer: DeepArWorker) => Promise<T>): Promise<T> {
    const trainer = startForecasting()
    this.#trainers.add(trainer)
    try {
      return await work(trainer)
    } finally {
      this.#trainers.delete(trainer)
      await trainer.close()
    }
  }

  /** Ends the threads; rounds under way end with them. */
  async stop(): Promise<void> {
    for (const { service, stopLooking } of this.#retraining) {
      stopLooking()
      service.stop()
    }
    await Promise.all([...this.#trainers].map((trainer) => trainer.close()))
    for (const service of this.#services) service.stop()
    await this.#engine?.close()
    const all = [...this.#services, ...this.#retraining.map(({ service }) => service)]
    await Promise.all(all.map((service) => service.settled()))
  }
}
