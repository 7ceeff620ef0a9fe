import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { sampleGamma, samplePoisson, sampleStudentT } from '../../../../src/forecast/distribution/random-variates.ts'

const N = 30_000
function moments(draw: () => number): { mean: number; variance: number } {
  const draws = Array.from({ length: N }, draw)
  const mean = draws.reduce((sum, value) => sum + value, 0) / N
  return { mean, variance: draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / N }
}

describe('random variates have their moments', () => {
  it.each([0.2, 1, 3.7, 50])('gamma of shape %d', (shape) => {
    const rng = new Rng(1)
    const { mean, variance } = moments(() => sampleGamma(rng, shape))
    expect(Math.abs(mean - shape)).toBeLessThan(5 * Math.sqrt(shape / N))
    expect(variance / shape).toBeCloseTo(1, 0.7)
  })

  it.each([0.3, 4, 12, 400, 5e9])('Poisson of mean %d', (expected) => {
    const rng = new Rng(2)
    const { mean, variance } = moments(() => samplePoisson(rng, expected))
    expect(Math.abs(mean - expected)).toBeLessThan(5 * Math.sqrt(expected / N))
    expect(variance / expected).toBeCloseTo(1, 0.9)
  })

  it.each([5, 30])('Student-t with %d degrees of freedom', (df) => {
    const rng = new Rng(3)
    const { mean, variance } = moments(() => sampleStudentT(rng, df))
    expect(Math.abs(mean)).toBeLessThan(0.05)
    expect(variance / (df / (df - 2))).toBeCloseTo(1, 0.7)
  })

  it('Poisson of mean 0 is 0', () => {
    expect(samplePoisson(new Rng(1), 0)).toBe(0)
  })
})
