import type { QuantileForecast } from '../accuracy.ts'
import { recentValues } from './recent-values.ts'
import { WeightedValues } from './weighted-quantiles.ts'

/** What a season weighs beside the one after it, and how many are looked at. */
const SEASON_KEPT = 0.75
const SEASONS_MAX = 14

interface Neighbours {
  readonly values: Float64Array
  readonly weights: Float64Array
}

/** Values seen at the phase of index `index`, and up to `reach` steps beside it, before `end`. */
function neighboursOf(history: Float64Array, index: number, season: number, reach: number): Neighbours {
  const values: number[] = []
  const weights: number[] = []
  const first = Math.floor((index - history.length) / season) + 1
  for (let k = 0; k < SEASONS_MAX; k++) {
    const middle = index - (first + k) * season
    for (let away = -reach; away <= reach; away++) {
      const value = history[middle + away]
      if (value === undefined || !Number.isFinite(value)) continue
      values.push(value)
      weights.push(SEASON_KEPT ** k * (1 - Math.abs(away) / (reach + 1)))
    }
  }
  return { values: Float64Array.from(values), weights: Float64Array.from(weights) }
}

/**
 * What comes at a time of day (or of week) is like what came at that time before: quantiles of the values of past
 * seasons at the same phase and `reach` steps beside it, newer seasons weighing more. It knows work that begins at a
 * fixed time, and nights without traffic. Where a phase was never seen, the newest values stand in.
 */
export function samePhase(
  history: Float64Array,
  season: number,
  reach: number,
  horizon: number,
  levels: readonly number[],
): QuantileForecast {
  const quantiles = levels.map(() => new Float64Array(horizon))
  const mean = new Float64Array(horizon)
  let standIn: QuantileForecast | undefined
  for (let h = 0; h < horizon; h++) {
    const { values, weights } = neighboursOf(history, history.length + h, season, reach)
    if (values.length === 0) {
      standIn ??= recentValues(history, horizon, levels)
      for (let i = 0; i < levels.length; i++) quantiles[i]![h] = standIn.quantiles[i]![h]!
      mean[h] = standIn.mean[h]!
      continue
    }
    const seen = new WeightedValues(values)
    seen.quantiles(weights, levels).forEach((value, i) => {
      quantiles[i]![h] = value
    })
    mean[h] = seen.mean(weights)
  }
  return { levels, quantiles, mean }
}
