import type { QuantileForecast } from '../accuracy.ts'
import { doubleSeasonal } from './double-seasonal.ts'

/**
 * The same smoothing of logarithms: seasons and errors grow with the level, as those of traffic do. A series that was
 * ever 0 or below has none, and is smoothed as it is.
 */
export function multiplicativeSeasonal(
  history: Float64Array,
  seasons: readonly number[],
  horizon: number,
  levels: readonly number[],
): QuantileForecast {
  if (history.some((value) => value <= 0)) return doubleSeasonal(history, seasons, horizon, levels)
  const { quantiles, mean } = doubleSeasonal(history.map(Math.log), seasons, horizon, levels)
  return { levels, quantiles: quantiles.map((values) => values.map(Math.exp)), mean: mean.map(Math.exp) }
}
