import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { studentT } from '../../../../src/forecast/distribution/student-t.ts'

const RAW = Float64Array.of(0.3, 2, -0.5)
const AFFINE = { location: 100, scale: 7 }

describe('studentT', () => {
  it('draws from the distribution that it states', () => {
    const rng = new Rng(1)
    const draws = Float64Array.from({ length: 40_000 }, () => studentT.sample(RAW, 0, AFFINE, rng)).sort()
    for (const level of [0.05, 0.25, 0.5, 0.75, 0.95]) {
      const value = studentT.quantile(RAW, 0, AFFINE, level)
      expect(studentT.cdf(RAW, 0, AFFINE, value)).toBeCloseTo(level, 9)
      const share = draws.filter((draw) => draw <= value).length / draws.length
      expect(share).toBeCloseTo(level, 1.7)
    }
  })

  it('keeps loss and gradient finite for a spike of 1e9 and a scale near 0', () => {
    const gradient = new Float64Array(3)
    for (const raw of [RAW, Float64Array.of(0, -40, -40), Float64Array.of(1e6, 40, 40)]) {
      expect(Number.isFinite(studentT.logLikelihood(raw, 0, 1e9, { location: 0, scale: 1 }, gradient))).toBe(true)
      expect([...gradient].every((value) => Number.isFinite(value))).toBe(true)
    }
  })

  it('states a finite deviation at the fewest degrees of freedom', () => {
    expect(studentT.deviation(Float64Array.of(0, -100, 0), 0, AFFINE)).toBeLessThan(100)
    expect(studentT.degreesOfFreedom(Float64Array.of(0, -100, 0), 0)).toBeCloseTo(2)
  })
})
