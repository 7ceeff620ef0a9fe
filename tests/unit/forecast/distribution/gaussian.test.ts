import { expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { gaussian } from '../../../../src/forecast/distribution/gaussian.ts'

it('draws, and gives quantiles of, the same normal', () => {
  const raw = Float64Array.of(1, 0.2)
  const affine = { location: -5, scale: 3 }
  const rng = new Rng(2)
  const draws = Array.from({ length: 20_000 }, () => gaussian.sample(raw, 0, affine, rng))
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length
  const deviation = Math.sqrt(draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length)
  expect(mean).toBeCloseTo(gaussian.mean(raw, 0, affine), 0)
  expect(deviation / gaussian.deviation(raw, 0, affine)).toBeCloseTo(1, 1)
  expect(gaussian.cdf(raw, 0, affine, gaussian.quantile(raw, 0, affine, 0.8))).toBeCloseTo(0.8, 9)
})
