import { describe, expect, it } from 'vitest'
import { admit } from '../../../../src/forecast/deepar/admission.ts'
import { series } from '../../../support/metric-series.ts'

const good = series('good', [1, 2, 3, 4])

describe('admit', () => {
  it('leaves out series that are too short or have no value, and says why', () => {
    const { series: kept, ignored } = admit(
      [good, series('short', [1]), series('none', Array(9).fill(Number.NaN))],
      2,
      'student-t',
    )
    expect(kept).toEqual([good])
    expect(ignored).toEqual([
      { itemId: 'short', reason: 'shorter_than_horizon' },
      { itemId: 'none', reason: 'all_missing' },
    ])
  })

  it('refuses data of which nothing is left', () => {
    expect(() => admit([series('short', [1])], 5, 'student-t')).toThrow(/none of 1 series/)
  })

  it.each([
    ['negative-binomial', [1, 2.5, 3], /value 2.5/],
    ['negative-binomial', [1, -2, 3], /value -2/],
    ['beta', [0.1, 1.2, 0.3], /value 1.2/],
  ] as const)('names the value that %s cannot take', (likelihood, values, message) => {
    expect(() => admit([series('a', [...values])], 1, likelihood)).toThrow(message)
  })
})
