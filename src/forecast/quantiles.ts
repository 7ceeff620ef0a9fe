import type { QuantileForecast } from './accuracy.ts'

/** The value at `level` of values in ascending order, between neighbours in proportion. */
export function sortedQuantile(sorted: ArrayLike<number>, level: number): number {
  const position = level * (sorted.length - 1)
  const below = Math.floor(position)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (position - below) * (high - low)
}

/** The share of samples trimmed at each end before they are averaged: a heavy tail has no stable mean. */
const TRIMMED = 0.01

/** Quantiles and mean of sample paths; the value of path s at step h is `paths[h * samples + s]`. */
export function quantilesOfPaths(paths: Float64Array, samples: number, levels: readonly number[]): QuantileForecast {
  const horizon = paths.length / samples
  const quantiles = levels.map(() => new Float64Array(horizon))
  const mean = new Float64Array(horizon)
  const cut = Math.floor(TRIMMED * samples)
  for (let h = 0; h < horizon; h++) {
    const sorted = paths.slice(h * samples, (h + 1) * samples).sort()
    for (let i = 0; i < levels.length; i++) quantiles[i]![h] = sortedQuantile(sorted, levels[i]!)
    let sum = 0
    for (let s = cut; s < samples - cut; s++) sum += sorted[s]!
    mean[h] = sum / (samples - 2 * cut)
  }
  return { levels, quantiles, mean }
}

/** Every value of a forecast, mean included, mapped by `change`; order between quantiles is kept by sorting. */
export function mapForecast(
  forecast: QuantileForecast,
  change: (value: number, step: number, levelIndex: number) => number,
): QuantileForecast {
  const { levels } = forecast
  const quantiles = forecast.quantiles.map((values, i) => values.map((value, h) => change(value, h, i)))
  const mean = forecast.mean.map((value, h) => change(value, h, -1))
  const steps = mean.length
  const column = new Float64Array(levels.length)
  for (let h = 0; h < steps; h++) {
    for (let i = 0; i < levels.length; i++) column[i] = quantiles[i]![h]!
    column.sort()
    for (let i = 0; i < levels.length; i++) quantiles[i]![h] = column[i]!
  }
  return { levels, quantiles, mean }
}
