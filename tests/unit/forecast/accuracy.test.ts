import { expect, it } from 'vitest'
import { measureAccuracy, quantileLoss, seasonalError, type WindowToScore } from '../../../src/forecast/accuracy.ts'

const window = (itemId: string, truth: number[], guess: number, history: number[]): WindowToScore => ({
  itemId,
  forecast: {
    levels: [0.5],
    quantiles: [new Float64Array(truth.length).fill(guess)],
    mean: new Float64Array(truth.length).fill(guess),
  },
  truth: Float64Array.from(truth),
  history: Float64Array.from(history),
})

it('weighs an error by its side', () => {
  expect(quantileLoss(10, 8, 0.9)).toBeCloseTo(3.6)
  expect(quantileLoss(8, 10, 0.9)).toBeCloseTo(0.4)
  expect(quantileLoss(5, 5, 0.3)).toBe(0)
})

it('compares with the season before, or the step before where there is no season', () => {
  expect(seasonalError(Float64Array.of(1, 2, 3, 5), 2)).toBeCloseTo(2.5)
  expect(seasonalError(Float64Array.of(1, 4), 24)).toBe(3)
  expect(seasonalError(Float64Array.of(1, Number.NaN, 3), 1)).toBeNaN()
})

it('lets each series weigh the same in macro, and by its size elsewhere', () => {
  const found = measureAccuracy([window('large', [1000], 900, [1, 2]), window('small', [1], 2, [1, 2])], 1)
  expect(found.meanWql).toBeCloseTo(101 / 1001)
  expect(found.macroWql).toBeCloseTo((0.1 + 1) / 2)
})

it('leaves out missing truth and series without a seasonal error', () => {
  const found = measureAccuracy([window('a', [Number.NaN, 4], 3, [1, 2]), window('b', [5], 5, [])], 1)
  expect(found.steps).toBe(2)
  expect(found.mase).toBeCloseTo(1)
})
