import type { DeepArWorker } from '../adapters/tensorflow/deepar-worker.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import type { ForecastBoard } from '../runtime/forecast-board.ts'
import { type ForecastPorts, ForecastService } from '../runtime/forecast-service.ts'
import type { HealthProblem } from '../runtime/views.ts'
import type { Backend } from './backend.ts'
import { startForecasting } from './forecasting/engine.ts'

interface Parts extends Pick<ForecastPorts, 'telemetry' | 'logger'> {
  readonly backend: Backend
  readonly board: ForecastBoard
}

/** Forecasts over several periods of all pipelines that ask for them: one thread for all, started when first needed. */
export class Forecasts {
  readonly #parts: Parts
  readonly #services: ForecastService[] = []
  readonly #unavailable: HealthProblem[] = []
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
        unavailable: (detail) => this.#unavailable.push({ reason: 'forecasting_unavailable', pipeline: name, detail }),
        telemetry,
        logger,
      },
    )
    this.#services.push(service)
    return service
  }

  /** Ends the thread; a round under way ends with it. */
  async stop(): Promise<void> {
    for (const service of this.#services) service.stop()
    await this.#engine?.close()
    await Promise.all(this.#services.map((service) => service.settled()))
  }
}
