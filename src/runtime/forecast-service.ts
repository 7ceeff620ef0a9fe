import { asTidegaugeError } from '../core/errors.ts'
import { seedOf } from '../core/hash.ts'
import type { Series } from '../core/series.ts'
import type { ForecastOptions, SeriesForecast } from '../forecast/deepar/forecast.ts'
import type { DeepArModel } from '../forecast/deepar/model.ts'
import type { SeriesInput } from '../forecast/deepar/prepared-series.ts'
import type { TaskHistory } from '../pipeline/partition-task.ts'
import type { DueForecasts } from './due-forecasts.ts'
import type { Logger } from './logger.ts'
import { partitionName } from './partition-name.ts'
import type { OutputRecord } from './ports.ts'
import type { ForecastOutcome, Telemetry } from './telemetry.ts'
import type { SeriesForecastView } from './views.ts'

/** Series sent to the engine at once: histories are copied to it, so not all of them together. */
const PER_REQUEST = 200

export interface ForecastSettings {
  readonly pipeline: string
  readonly topic: string
  readonly periodMs: number
  /** Periods ahead. */
  readonly horizon: number
  /** In ascending order. */
  readonly quantiles: readonly number[]
  readonly samples: number
}

/** Samples a model's paths. */
export interface ForecastEngine {
  forecast(
    model: DeepArModel,
    series: readonly SeriesInput[],
    options: ForecastOptions,
  ): Promise<readonly SeriesForecast[]>
}

export interface ForecastPorts {
  /** Starts the engine at its first use. */
  readonly engine: () => ForecastEngine
  /** Resolves when the records are durable. */
  readonly publish: (records: readonly OutputRecord[]) => Promise<void>
  readonly show: (series: Series, forecast: SeriesForecastView) => void
  readonly telemetry: Telemetry
  readonly logger: Logger
}

/**
 * Forecasts over several periods, when a task says that they are due: sampled by the engine beside the stream, and
 * written down without a transaction: at least once, one record a series. What the engine does or fails to do changes
 * nothing in the stream.
 */
export class ForecastService {
  readonly #settings: ForecastSettings
  readonly #ports: ForecastPorts
  /** Partitions whose round is under way, or waits. */
  readonly #under = new Set<string>()
  #rounds: Promise<void> = Promise.resolve()
  #off = false

  constructor(settings: ForecastSettings, ports: ForecastPorts) {
    this.#settings = settings
    this.#ports = ports
  }

  /**
   * Takes the series' values now; the rest happens later, one partition after another. One of a partition that is still
   * under way, or waits, is not made again meanwhile: it would only be late.
   */
  due(due: DueForecasts): void {
    if (this.#off || due.model === undefined) return
    const name = partitionName(due.partition)
    if (this.#under.has(name)) {
      this.#count('skipped', 1)
      return
    }
    if (due.leftOut > 0) this.#count('left_out', due.leftOut)
    this.#under.add(name)
    this.#rounds = this.#rounds.then(() => this.#round(name, due))
  }

  async #round(name: string, { model, histories }: DueForecasts): Promise<void> {
    try {
      if (model !== undefined && !this.#off) await this.#forecast(model.model, model.version, histories)
    } catch (thrown) {
      this.#failed(thrown)
    } finally {
      this.#under.delete(name)
    }
  }

  /** No further rounds; a failure of the one under way is no news. */
  stop(): void {
    this.#off = true
  }

  /** Resolves when no round is under way. */
  async settled(): Promise<void> {
    await this.#rounds
  }

  async #forecast(model: DeepArModel, version: number, histories: readonly TaskHistory[]): Promise<void> {
    const { pipeline, horizon, quantiles: levels, samples } = this.#settings
    const startedMs = histories[0]?.startMs ?? 0
    for (let from = 0; from < histories.length; from += PER_REQUEST) {
      const part = histories.slice(from, from + PER_REQUEST)
      const series = part.map(({ series: { key }, startMs, values, categories }) => ({
        itemId: key,
        startMs,
        target: values,
        categories,
        dynamic: [],
      }))
      const seed = seedOf(pipeline, String(startedMs + from))
      const forecasts = await this.#ports.engine().forecast(model, series, { horizon, levels, samples, seed })
      const views = part.flatMap((history, i) => {
        const found = forecasts[i]
        return found === undefined ? [] : [{ history, view: this.#viewOf(history, version, found) }]
      })
      await this.#ports.publish(views.map(({ history, view }) => this.#recordOf(history, view)))
      for (const { history, view } of views) this.#ports.show(history.series, view)
      this.#count('written', views.length)
    }
  }

  #viewOf({ startMs, values, input }: TaskHistory, version: number, { forecast }: SeriesForecast): SeriesForecastView {
    const { periodMs } = this.#settings
    return {
      input,
      modelVersion: version,
      startMs: startMs + values.length * periodMs,
      periodMs,
      mean: [...forecast.mean],
      quantiles: forecast.levels.map((level, i) => ({ level, values: [...(forecast.quantiles[i] ?? [])] })),
    }
  }

  #recordOf({ series }: TaskHistory, view: SeriesForecastView): OutputRecord {
    const { pipeline, topic } = this.#settings
    const { name, labels, key } = series
    const { startMs, quantiles, ...rest } = view
    const value = {
      schemaVersion: 1,
      pipeline,
      series: key,
      name,
      labels,
      timestamp: startMs,
      ...rest,
      quantiles: Object.fromEntries(quantiles.map(({ level, values }) => [String(level), values])),
    }
    return { topic, key, value: JSON.stringify(value), timestampMs: startMs }
  }

  #failed(thrown: unknown): void {
    if (this.#off) return
    const error = asTidegaugeError(thrown)
    const { pipeline } = this.#settings
    this.#count('failed', 1)
    this.#ports.telemetry.emit({ type: 'error_raised', code: error.code, component: 'forecast' })
    this.#ports.logger.error(`forecasts failed: ${error.describe()}`, { pipeline, code: error.code })
  }

  #count(outcome: ForecastOutcome, count: number): void {
    this.#ports.telemetry.emit({ type: 'forecasts_made', pipeline: this.#settings.pipeline, outcome, count })
  }
}
