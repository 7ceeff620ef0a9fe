import type { QuantileForecast } from '../accuracy.ts'
import { WeightedValues } from './weighted-quantiles.ts'

/** The memory of the next step, in steps, and how much longer it is for each step further ahead. */
const MEMORY_FIRST = 3
const MEMORY_GROWTH = 2
const MEMORY_MAX = 250

/** Values older than so many memories weigh next to nothing. */
const MEMORIES_KEPT = 6

/**
 * What comes is like what was: quantiles of the newest values, older ones weighing less, and the less so the further
 * ahead is looked. Without season, trend or shape, and hard to beat on metrics that idle, burst or change their level.
 */
export function recentValues(history: Float64Array, horizon: number, levels: readonly number[]): QuantileForecast {
  const memoryOf = (h: number) => Math.min(MEMORY_MAX, MEMORY_FIRST + MEMORY_GROWTH * (h + 1))
  const reach = Math.ceil(MEMORIES_KEPT * memoryOf(horizon))
  let seen: number[] = []
  for (let t = history.length - 1; t >= Math.max(0, history.length - reach); t--)
    if (Number.isFinite(history[t])) seen.push(t)
  if (seen.length === 0) seen = [history.findLastIndex((value) => Number.isFinite(value))]
  const values = Float64Array.from(seen, (t) => history[t] ?? 0)
  const sorted = new WeightedValues(values)
  const newest = seen[0]!
  const quantiles = levels.map(() => new Float64Array(horizon))
  const mean = new Float64Array(horizon)
  for (let h = 0; h < horizon; h++) {
    const memory = memoryOf(h)
    const weights = Float64Array.from(seen, (t) => Math.exp((t - newest) / memory))
    sorted.quantiles(weights, levels).forEach((value, i) => {
      quantiles[i]![h] = value
    })
    mean[h] = sorted.mean(weights)
  }
  return { levels, quantiles, mean }
}
