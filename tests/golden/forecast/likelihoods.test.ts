import { describe, expect, it } from 'vitest'
import { gaussian } from '../../../src/forecast/distribution/gaussian.ts'
import { type Likelihood, softplus } from '../../../src/forecast/distribution/likelihood.ts'
import { negativeBinomial } from '../../../src/forecast/distribution/negative-binomial.ts'
import { studentT } from '../../../src/forecast/distribution/student-t.ts'
import { deepArVectors } from '../../support/deepar-vectors.ts'

const vectors = deepArVectors()

/** `order[k]` is the reference's place of our raw output k: the reference has the degrees of freedom first. */
const cases: readonly [Likelihood, 'student_t' | 'normal' | 'negative_binomial_paper', readonly number[]][] = [
  [studentT, 'student_t', [1, 0, 2]],
  [gaussian, 'normal', [0, 1]],
  [negativeBinomial, 'negative_binomial_paper', [0, 1]],
]

describe.each(cases)('$name against the reference', (likelihood, section, order) => {
  it.each(vectors[section].rows)('raw $raw, y $y, scale $scale', (row) => {
    const raw = Float64Array.from(order, (place) => row.raw[place]!)
    const affine = { location: 0, scale: row.scale }
    const gradient = new Float64Array(raw.length)
    const log = likelihood.logLikelihood(raw, 0, row.y, affine, gradient)
    expect(log).toBeCloseTo(row.log_prob, 8)
    order.forEach((place, k) => {
      const expected = row.grad_raw[place]!
      expect(Math.abs(gradient[k]! - expected)).toBeLessThan(1e-8 + 1e-7 * Math.abs(expected))
    })
    const mean = row.mean ?? row.mu
    if (mean !== undefined) expect(likelihood.mean(raw, 0, affine)).toBeCloseTo(mean, 7)
    if (row.variance !== null && likelihood !== studentT) {
      expect(likelihood.deviation(raw, 0, affine) ** 2 / row.variance).toBeCloseTo(1, 8)
    }
  })
})

describe('softplus against the reference', () => {
  it.each(vectors.special.z.map((z, i) => [z, vectors.special.softplus[i]!] as const))('of %d', (z, expected) => {
    expect(softplus(z)).toBeCloseTo(expected, 10)
  })
})
