import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSeries, seriesKey } from '../../../src/core/series.ts'

describe('seriesKey', () => {
  it('is as Prometheus writes it: sorted, escaped, without empty labels', () => {
    expect(seriesKey('up', {})).toBe('up')
    expect(seriesKey('up', { b: '2', a: 'x"\\\n', c: '' })).toBe('up{a="x\\"\\\\\\n",b="2"}')
  })

  it('does not depend on the order of the labels, and tells different series apart', () => {
    const labels = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.string({ minLength: 1, maxLength: 4 }))
    fc.assert(
      fc.property(labels, labels, (a, b) => {
        const turned = Object.fromEntries(Object.entries(a).reverse())
        expect(makeSeries('m', turned).key).toBe(makeSeries('m', a).key)
        const same = JSON.stringify(makeSeries('m', a).labels) === JSON.stringify(makeSeries('m', b).labels)
        expect(makeSeries('m', a).key === makeSeries('m', b).key).toBe(same)
      }),
    )
  })
})
