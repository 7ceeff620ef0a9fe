import { TidegaugeError } from '../../core/errors.ts'
import { DEFAULT_LEVELS, type QuantileForecast } from '../accuracy.ts'
import { MEMBERS, mixForecasts, type Shares, sharesOf } from '../blend.ts'
import { Classics } from '../classics/classics.ts'
import { applyCalibration } from '../conformal.ts'
import { mainSeason, parseFrequency } from '../frequency.ts'
import { mapForecast, quantilesOfPaths } from '../quantiles.ts'
import type { DeepArConfig } from './config.ts'
import type { DeepArModel } from './model.ts'
import { type ForecastTask, PathSampler, type SamplingOptions } from './path-sampler.ts'
import type { Paths } from './paths.ts'
import { prepareSeries, type SeriesInput } from './prepared-series.ts'

export interface ForecastOptions extends SamplingOptions {
  /** In ascending order. */
  readonly levels: readonly number[]
}

export interface SeriesForecast {
  readonly forecast: QuantileForecast
  /** Sample paths as the network drew them: path s of step h at [h * samples + s]. */
  readonly paths: Paths
}

/** A model made ready to forecast. It needs no TensorFlow. */
export class Forecaster {
  readonly model: DeepArModel
  readonly #sampler: PathSampler

  constructor(model: DeepArModel) {
    this.model = model
    this.#sampler = new PathSampler(model)
  }

  /** Sample paths: path s of step h at [h * samples + s]. */
  paths(tasks: readonly ForecastTask[], options: SamplingOptions): Paths[] {
    return this.#sampler.sample(tasks, options)
  }

  /** Quantiles as the network has them, neither calibrated nor blended. */
  raw(tasks: readonly ForecastTask[], options: ForecastOptions): QuantileForecast[] {
    return this.paths(tasks, options).map((paths) => quantilesOfPaths(paths, options.samples, options.levels))
  }

  /** The next steps of each series from all of the values given, and the paths that they were taken from. */
  forecast(series: readonly SeriesInput[], options: ForecastOptions): SeriesForecast[] {
    const { config, calibration, blend } = this.model
    const { horizon, samples } = options
    const frequency = parseFrequency(config.frequency)
    const season = mainSeason(frequency)
    for (const one of series) requireCovariates(one, config, horizon)
    const tasks = series.map((one) => {
      const prepared = prepareSeries(one, config, season)
      return { series: prepared, split: prepared.length }
    })
    const levels = [...new Set([...DEFAULT_LEVELS, ...options.levels])].sort((a, b) => a - b)
    const classics = new Classics(frequency, horizon, levels)
    return this.paths(tasks, options).map((paths, i) => {
      const { itemId, target } = series[i]!
      const only = onlyValue(target)
      if (only !== undefined) return certainForecast(only, options.levels, horizon, paths)
      const own = quantilesOfPaths(paths, samples, levels)
      const shares = sharesOf(blend, itemId)
      const mixed = mixForecasts(membersOf(own, classics, target, shares), shares)
      const calibrated = withinSupport(applyCalibration(mixed, calibration), target)
      return { forecast: pickLevels(calibrated, options.levels), paths }
    })
  }
}

/** Forecasts in the order of MEMBERS, of those that have a share, each drawn in to what the series can be. */
export function membersOf(
  network: QuantileForecast,
  classics: Classics,
  history: Float64Array,
  shares: Shares,
): (QuantileForecast | undefined)[] {
  return MEMBERS.map((name, m) => {
    if (shares[m] === 0) return undefined
    return withinSupport(name === 'deepar' ? network : classics.forecast(name, history), history)
  })
}

/** The value of a history that knows only one, 0 for a history that knows none; undefined for any other. */
function onlyValue(history: Float64Array): number | undefined {
  let only: number | undefined
  for (const value of history) {
    if (!Number.isFinite(value)) continue
    if (only !== undefined && value !== only) return undefined
    only = value
  }
  return only ?? 0
}

/** A series that never moved is forecast to stay: a network's small noise about it would be an invention. */
function certainForecast(value: number, levels: readonly number[], horizon: number, paths: Paths): SeriesForecast {
  const same = new Float64Array(horizon).fill(value)
  return { forecast: { levels, quantiles: levels.map(() => same), mean: same }, paths: paths.fill(value) }
}

function pickLevels(forecast: QuantileForecast, levels: readonly number[]): QuantileForecast {
  const quantiles = levels.map((level) => forecast.quantiles[forecast.levels.indexOf(level)]!)
  return { levels, quantiles, mean: forecast.mean }
}

/** A covariate must be known over the horizon: throws INPUT_INVALID for one that ends before. */
function requireCovariates(series: SeriesInput, config: DeepArConfig, horizon: number): void {
  if (series.dynamic.length !== config.dynamicFeatures) {
    throw new TidegaugeError(
      'INPUT_INVALID',
      `${series.dynamic.length} covariates, the model has ${config.dynamicFeatures}`,
      {
        where: `item ${series.itemId}: dynamic_feat`,
        hint: 'give the covariates that the model was trained with',
      },
    )
  }
  series.dynamic.forEach((covariate, i) => {
    const needed = series.target.length + horizon
    if (covariate.length >= needed) return
    throw new TidegaugeError('INPUT_INVALID', `ends after ${covariate.length} values, ${needed} are needed`, {
      where: `item ${series.itemId}: dynamic_feat[${i}]`,
      hint: `a covariate must be known over the horizon of ${horizon} steps`,
    })
  })
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
