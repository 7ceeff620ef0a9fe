import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { beta } from '../../../../src/forecast/distribution/beta.ts'

const RAW = Float64Array.of(1.2, 0.3)
const AFFINE = { location: 0, scale: 1 }

describe('beta', () => {
  it('has a density that integrates to its cdf', () => {
    const steps = 20_000
    let sum = 0
    for (let i = 0; i < steps / 2; i++) sum += Math.exp(beta.logLikelihood(RAW, 0, (i + 0.5) / steps, AFFINE)) / steps
    expect(beta.cdf(RAW, 0, AFFINE, 0.5)).toBeCloseTo(sum, 3)
    expect(beta.cdf(RAW, 0, AFFINE, beta.quantile(RAW, 0, AFFINE, 0.3))).toBeCloseTo(0.3, 9)
  })

  it('has the gradient of its logarithm', () => {
    const gradient = new Float64Array(2)
    beta.logLikelihood(RAW, 0, 0.37, AFFINE, gradient)
    for (const k of [0, 1]) {
      const at = (by: number) => {
        const moved = RAW.slice()
        moved[k] = moved[k]! + by
        return beta.logLikelihood(moved, 0, 0.37, AFFINE)
      }
      expect(gradient[k]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 6)
    }
  })

  it('draws inside the interval with its mean, and takes the ends', () => {
    const rng = new Rng(8)
    const draws = Array.from({ length: 20_000 }, () => beta.sample(RAW, 0, AFFINE, rng))
    expect(draws.every((draw) => draw >= 0 && draw <= 1)).toBe(true)
    expect(draws.reduce((sum, value) => sum + value, 0) / draws.length).toBeCloseTo(beta.mean(RAW, 0, AFFINE), 1)
    expect(Number.isFinite(beta.logLikelihood(RAW, 0, 0, AFFINE))).toBe(true)
    expect(Number.isFinite(beta.logLikelihood(RAW, 0, 1, AFFINE))).toBe(true)
  })
})
