import type { QuantileForecast } from './accuracy.ts'
import { sortedQuantile } from './quantiles.ts'

/** Newest seasonal differences that the spread is taken from. */
const DIFFERENCES_MAX = 500

function lastObserved(history: Float64Array, before: number, step: number): number {
  for (let t = before; t >= 0; t -= step) if (Number.isFinite(history[t])) return history[t]!
  return Number.NaN
}

function differences(history: Float64Array, season: number): Float64Array {
  const found: number[] = []
  for (let t = history.length - 1; t >= season && found.length < DIFFERENCES_MAX; t--) {
    const difference = history[t]! - history[t - season]!
    if (Number.isFinite(difference)) found.push(difference)
  }
  return Float64Array.from(found).sort()
}

/**
 * The forecast to beat: each step is what was seen one season before (an earlier one where that is missing), with the
 * quantiles of past seasonal differences about it, widened by the square root of the seasons ahead. A history shorter
 * than a season is carried forward. A history without one value gives zeros.
 */
export function seasonalNaive(
  history: Float64Array,
  season: number,
  horizon: number,
  levels: readonly number[],
): QuantileForecast {
  const lag = season < history.length ? season : 1
  const spread = differences(history, lag)
  const middle = spread.length === 0 ? 0 : sortedQuantile(spread, 0.5)
  const fallback = lastObserved(history, history.length - 1, 1)
  const mean = new Float64Array(horizon)
  const quantiles = levels.map(() => new Float64Array(horizon))
  for (let h = 0; h < horizon; h++) {
    const seen = lastObserved(history, history.length - lag + (h % lag), lag)
    const centre = Number.isFinite(seen) ? seen : Number.isFinite(fallback) ? fallback : 0
    const widening = Math.sqrt(Math.floor(h / lag) + 1)
    mean[h] = centre
    levels.forEach((level, i) => {
      const away = spread.length === 0 ? 0 : sortedQuantile(spread, level) - middle
      quantiles[i]![h] = centre + widening * away
    })
  }
  return { levels, quantiles, mean }
}
