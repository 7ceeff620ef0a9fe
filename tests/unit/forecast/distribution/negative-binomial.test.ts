import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { negativeBinomial } from '../../../../src/forecast/distribution/negative-binomial.ts'

const RAW = Float64Array.of(0.7, -0.4)
const AFFINE = { location: 0, scale: 6 }

describe('negativeBinomial', () => {
  it('has probabilities that sum to 1, and a cdf that sums them', () => {
    let sum = 0
    for (let k = 0; k <= 60; k++) {
      sum += Math.exp(negativeBinomial.logLikelihood(RAW, 0, k, AFFINE))
      if (k % 10 === 0) expect(negativeBinomial.cdf(RAW, 0, AFFINE, k)).toBeCloseTo(sum, 8)
    }
    for (let k = 61; k < 2000; k++) sum += Math.exp(negativeBinomial.logLikelihood(RAW, 0, k, AFFINE))
    expect(sum).toBeCloseTo(1, 6)
  })

  it('draws counts with its mean and variance', () => {
    const rng = new Rng(4)
    const draws = Array.from({ length: 40_000 }, () => negativeBinomial.sample(RAW, 0, AFFINE, rng))
    expect(draws.every((draw) => Number.isInteger(draw) && draw >= 0)).toBe(true)
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length
    expect(mean / negativeBinomial.mean(RAW, 0, AFFINE)).toBeCloseTo(1, 1)
    expect(variance / negativeBinomial.deviation(RAW, 0, AFFINE) ** 2).toBeCloseTo(1, 1)
  })

  it('gives the smallest count that reaches a level', () => {
    for (const level of [0.01, 0.5, 0.99]) {
      const count = negativeBinomial.quantile(RAW, 0, AFFINE, level)
      expect(negativeBinomial.cdf(RAW, 0, AFFINE, count)).toBeGreaterThanOrEqual(level)
      expect(negativeBinomial.cdf(RAW, 0, AFFINE, count - 1)).toBeLessThan(level)
    }
  })
})
