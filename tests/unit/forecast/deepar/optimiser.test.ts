import { expect, it } from 'vitest'
import { Adam, cosineRate } from '../../../../src/forecast/deepar/optimiser.ts'

it('moves no weight for a gradient that is not finite', () => {
  const weights = Float64Array.of(1, 2)
  const adam = new Adam(2)
  expect(adam.update(weights, Float64Array.of(Number.NaN, 1), 0.1)).toBeNaN()
  expect([...weights]).toEqual([1, 2])
  adam.update(weights, Float64Array.of(1, 1), 0.1)
  expect(weights.every((weight) => Number.isFinite(weight))).toBe(true)
})

it('warms up, then decays to a hundredth of the peak', () => {
  expect(cosineRate(0, 100, 1, 10)).toBeCloseTo(0.1)
  expect(cosineRate(9, 100, 1, 10)).toBeCloseTo(1)
  expect(cosineRate(55, 100, 1, 10)).toBeCloseTo(0.505)
  expect(cosineRate(100, 100, 1, 10)).toBeCloseTo(0.01)
})
