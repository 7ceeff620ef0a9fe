import { expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { deterministicL1 } from '../../../../src/forecast/distribution/deterministic-l1.ts'

it('is a point: loss by distance in scales, no spread, one value for every quantile', () => {
  const raw = Float64Array.of(0.5)
  const affine = { location: 10, scale: 4 }
  const gradient = new Float64Array(1)
  expect(deterministicL1.logLikelihood(raw, 0, 20, affine, gradient)).toBe(-2)
  expect(gradient[0]).toBe(1)
  expect(deterministicL1.deviation(raw, 0, affine)).toBe(0)
  for (const level of [0.1, 0.9]) expect(deterministicL1.quantile(raw, 0, affine, level)).toBe(12)
  expect(deterministicL1.sample(raw, 0, affine, new Rng(1))).toBe(12)
})
