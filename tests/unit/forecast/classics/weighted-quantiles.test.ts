import { expect, it } from 'vitest'
import { WeightedValues } from '../../../../src/forecast/classics/weighted-quantiles.ts'

const quantiles = (values: number[], weights: number[], levels: number[]) =>
  new WeightedValues(Float64Array.from(values)).quantiles(Float64Array.from(weights), levels)

it('lies between the middles of equal weights', () => {
  expect(quantiles([30, 10, 20], [1, 1, 1], [0.1, 0.5, 0.9])).toEqual([10, 20, 30])
  expect(quantiles([10, 20], [1, 1], [0.5])).toEqual([15])
})

it('goes where the weight is', () => {
  const [low, middle, high] = quantiles([1, 2, 3], [98, 1, 1], [0.1, 0.5, 0.9])
  expect(low).toBe(1)
  expect(middle).toBeCloseTo(1 + (0.5 - 0.49) / 0.495, 12)
  expect(high).toBeLessThan(2)
})

it('is the same for whole multiples of the weights, and for one value counted twice', () => {
  expect(quantiles([5, 1, 4], [3, 1, 2], [0.2, 0.8])).toEqual(quantiles([5, 1, 4], [6, 2, 4], [0.2, 0.8]))
  expect(quantiles([7], [0.1], [0.1, 0.9])).toEqual([7, 7])
})
