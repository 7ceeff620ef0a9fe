import type { QuantileForecast } from '../accuracy.ts'
import { blendForecasts } from '../blend.ts'
import { applyCalibration } from '../conformal.ts'
import { mainSeason, parseFrequency } from '../frequency.ts'
import { mapForecast, quantilesOfPaths } from '../quantiles.ts'
import { seasonalNaive } from '../seasonal-naive.ts'
import type { DeepArModel } from './model.ts'
import { Network } from './network.ts'
import { type ForecastTask, PathSampler, type Paths } from './path-sampler.ts'
import { prepareSeries, type SeriesInput } from './prepared-series.ts'
import type { Tf } from './tf.ts'

export interface ForecastOptions {
  readonly horizon: number
  /** Sample paths a series, from each member of the ensemble in equal parts. */
  readonly samples: number
  readonly seed: number
  readonly levels: readonly number[]
}

/** A model made ready to forecast: its weights as tensors. Dispose it. */
export class Forecaster {
  readonly model: DeepArModel
  readonly #tf: Tf
  readonly #network: Network
  readonly #samplers: readonly PathSampler[]
  readonly #tensors: Record<string, import('./tf.ts').Tensor>[]

  constructor(tf: Tf, model: DeepArModel) {
    this.model = model
    this.#tf = tf
    this.#network = new Network(tf, model.config)
    this.#tensors = model.members.map((member) => this.#network.load(member))
    const frequency = parseFrequency(model.config.frequency)
    this.#samplers = this.#tensors.map((weights) => new PathSampler(tf, this.#network, weights, frequency))
  }

  /** Sample paths of the members, pooled: path s of step h at [h * samples + s]. */
  paths(tasks: readonly ForecastTask[], { samples, horizon, seed }: Omit<ForecastOptions, 'levels'>): Paths[] {
    const members = this.#samplers.length
    const each = Math.ceil(samples / members)
    const drawn = this.#samplers.map((sampler, m) => sampler.sample(tasks, { samples: each, horizon, seed: seed + m }))
    if (members === 1) return drawn[0]!
    return tasks.map((_, i) => {
      const pooled = new Float64Array(horizon * each * members)
      drawn.forEach((paths, m) => {
        for (let h = 0; h < horizon; h++) {
          pooled.set(paths[i]!.subarray(h * each, (h + 1) * each), (h * members + m) * each)
        }
      })
      return pooled
    })
  }

  /** Quantiles as the network has them, neither calibrated nor blended. */
  raw(tasks: readonly ForecastTask[], options: ForecastOptions): QuantileForecast[] {
    return this.paths(tasks, options).map((paths) =>
      quantilesOfPaths(paths, paths.length / options.horizon, options.levels),
    )
  }

  /** Calibrated quantiles of each series' next steps, from all of the values given. */
  forecast(series: readonly SeriesInput[], options: ForecastOptions): QuantileForecast[] {
    const { config, calibration, blend } = this.model
    const frequency = parseFrequency(config.frequency)
    const season = mainSeason(frequency)
    const prepared = series.map((one) => prepareSeries(one, config, season))
    const found = this.raw(
      prepared.map((one) => ({ series: one, split: one.length })),
      options,
    )
    return found.map((forecast, i) => {
      const one = series[i]!
      const share = blend.items.get(one.itemId) ?? blend.overall
      const calibrated = applyCalibration(forecast, calibration)
      const challenger = share > 0 ? seasonalNaive(one.target, season, options.horizon, options.levels) : calibrated
      return withinSupport(blendForecasts(calibrated, challenger, share), one.target)
    })
  }

  dispose(): void {
    this.#tf.dispose(this.#tensors)
    this.#network.dispose()
  }
}

/** A series that was never negative is not forecast to be: counts, bytes, latencies, ratios. */
export function withinSupport(forecast: QuantileForecast, history: Float64Array): QuantileForecast {
  let observed = false
  for (const value of history) {
    if (value < 0) return forecast
    observed ||= Number.isFinite(value)
  }
  return observed ? mapForecast(forecast, (value) => Math.max(0, value)) : forecast
}
