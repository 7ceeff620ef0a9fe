import { expect, it } from 'vitest'
import { mapForecast, quantilesOfPaths, sortedQuantile } from '../../../src/forecast/quantiles.ts'

it('reads quantiles between sorted values', () => {
  expect(sortedQuantile([1, 2, 3, 4, 5], 0.5)).toBe(3)
  expect(sortedQuantile([1, 2], 0.25)).toBeCloseTo(1.25)
  expect(sortedQuantile([7], 0.9)).toBe(7)
})

it('takes quantiles step by step, and a mean that one wild path cannot move', () => {
  const samples = 200
  const paths = new Float64Array(2 * samples)
  for (let s = 0; s < samples; s++) {
    paths[s] = s
    paths[samples + s] = -s
  }
  paths[0] = 1e300
  const { quantiles, mean } = quantilesOfPaths(paths, samples, [0.1, 0.5, 0.9])
  expect(quantiles[1]![1]).toBeCloseTo(-99.5)
  expect(mean[0]).toBeLessThan(110)
  expect(mean[1]).toBeCloseTo(-99.5)
})

it('keeps quantiles in order, whatever is done to them', () => {
  const forecast = {
    levels: [0.1, 0.5, 0.9],
    quantiles: [[1], [2], [3]].map((v) => Float64Array.from(v)),
    mean: Float64Array.of(2),
  }
  const turned = mapForecast(forecast, (value) => -value)
  expect(turned.quantiles.map((values) => values[0])).toEqual([-3, -2, -1])
})
