import { expect, it } from 'vitest'
import { DEFAULT_LEVELS } from '../../../src/forecast/accuracy.ts'
import { seasonalNaive } from '../../../src/forecast/seasonal-naive.ts'

const LEVELS = [...DEFAULT_LEVELS]

it('repeats the last season', () => {
  const history = Float64Array.from({ length: 12 }, (_, i) => i % 4)
  const { mean, quantiles } = seasonalNaive(history, 4, 6, LEVELS)
  expect([...mean]).toEqual([0, 1, 2, 3, 0, 1])
  expect([...quantiles[4]!]).toEqual([0, 1, 2, 3, 0, 1])
})

it('takes an earlier season where the last one is missing', () => {
  const history = Float64Array.of(5, 6, 7, Number.NaN)
  expect([...seasonalNaive(history, 2, 2, LEVELS).mean]).toEqual([7, 6])
})

it('widens with the seasons ahead', () => {
  const history = Float64Array.from({ length: 100 }, (_, i) => (i % 3) + ((i * 7919) % 11) / 10)
  const { quantiles } = seasonalNaive(history, 3, 6, LEVELS)
  const width = (h: number) => quantiles.at(-1)![h]! - quantiles[0]![h]!
  expect(width(0)).toBeGreaterThan(0)
  expect(width(3)).toBeCloseTo(Math.SQRT2 * width(0), 9)
})

it('gives finite values for histories of nothing, one value and less than a season', () => {
  for (const history of [[], [Number.NaN, Number.NaN], [3], [1, 2, 3]]) {
    const { mean, quantiles } = seasonalNaive(Float64Array.from(history), 24, 5, LEVELS)
    for (const values of [mean, ...quantiles]) expect(values.every((value) => Number.isFinite(value))).toBe(true)
  }
})
