import { expect, test } from 'vitest'
import { type BandOptions, bandOf, isImpossible } from '../../../src/band/band.ts'
import type { Prediction } from '../../../src/forecast/forecaster.ts'

const prediction: Prediction = {
  expected: 3,
  deviation: 2,
  degreesOfFreedom: 5,
  state: 'TRAINED',
  model: 'seasonal-baseline',
}

function options(min?: number, max?: number): BandOptions {
  return { deviations: 2, dataRange: { min, max }, timezone: 'UTC' }
}

test('lies k deviations on each side of the expected value', () => {
  expect(bandOf(prediction, options())).toEqual({ expected: 3, lower: -1, upper: 7 })
})

test('stays inside the possible values, the expected value too', () => {
  expect(bandOf(prediction, options(0, 5))).toEqual({ expected: 3, lower: 0, upper: 5 })
  expect(bandOf({ ...prediction, expected: -4 }, options(0)).expected).toBe(0)
})

test('there is no band while training', () => {
  const band = bandOf({ ...prediction, expected: Number.NaN, deviation: Number.NaN }, options(0, 5))
  expect([band.expected, band.lower, band.upper]).toEqual([Number.NaN, Number.NaN, Number.NaN])
})

test('a value outside the data range is impossible, one on its edge is not', () => {
  expect(isImpossible(-0.1, { min: 0, max: 100 })).toBe(true)
  expect(isImpossible(100, { min: 0, max: 100 })).toBe(false)
  expect(isImpossible(1e9, { min: undefined, max: undefined })).toBe(false)
})
