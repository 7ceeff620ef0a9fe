import { describe, expect, it } from 'vitest'
import { PredictiveDistribution } from '../../../../src/forecast/deepar/predictive-distribution.ts'

describe('PredictiveDistribution', () => {
  const normal = new PredictiveDistribution('gaussian', Float64Array.of(0, Math.log(Math.E - 1)), {
    location: 50,
    scale: 4,
  })

  it('gives band, quantiles and tail probability of one distribution', () => {
    expect(normal.mean).toBe(50)
    expect(normal.prediction('TRAINED')).toMatchObject({ expected: 50, model: 'deepar', state: 'TRAINED' })
    expect(normal.prediction('TRAINED').deviation).toBeCloseTo(4)
    expect(normal.tailProbability(50)).toBeCloseTo(1)
    expect(normal.tailProbability(normal.quantile(0.975))).toBeCloseTo(0.05, 6)
    expect(normal.tailProbability(normal.quantile(0.025))).toBeCloseTo(0.05, 6)
  })

  it('counts the value itself on both sides for counts', () => {
    const counts = new PredictiveDistribution('negative-binomial', Float64Array.of(-8, -3), { location: 0, scale: 1 })
    expect(counts.tailProbability(0)).toBe(1)
    expect(counts.tailProbability(50)).toBeLessThan(1e-6)
  })
})
