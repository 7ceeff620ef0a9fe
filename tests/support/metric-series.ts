import { Rng } from '../../src/core/rng.ts'
import type { SeriesInput } from '../../src/forecast/deepar/prepared-series.ts'

const START = Date.UTC(2024, 0, 1)

/** Hourly series with the shape of a day, a level and a noise of their own. */
export function dailySeries(count: number, length: number, seed = 1): SeriesInput[] {
  const rng = new Rng(seed)
  return Array.from({ length: count }, (_, i) => {
    const level = 10 * (i + 1)
    const phase = 24 * rng.uniform()
    const target = Float64Array.from(
      { length },
      (_, t) => level * (1 + 0.4 * Math.sin((2 * Math.PI * (t + phase)) / 24) + 0.03 * rng.normal()),
    )
    return { itemId: `s${i}`, startMs: START, target, categories: [], dynamic: [] }
  })
}

export function series(itemId: string, values: ArrayLike<number>): SeriesInput {
  return { itemId, startMs: START, target: Float64Array.from(values), categories: [], dynamic: [] }
}
