import { describe, expect, it } from 'vitest'
import { exactQuantile, parseStatistic } from '../../../src/window/statistic.ts'

describe('parseStatistic', () => {
  it.each(['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'])('knows %s', (text) => {
    expect(parseStatistic(text)).toEqual({ kind: text })
  })

  it.each([
    ['p0', 0],
    ['p50', 0.5],
    ['p99.9', 0.999],
    ['p100', 1],
    ['p100.0', 1],
  ])('knows %s', (text, quantile) => {
    const parsed = parseStatistic(text)
    expect(parsed?.kind).toBe('Percentile')
    expect((parsed as { quantile: number }).quantile).toBeCloseTo(quantile, 12)
  })

  it.each(['average', 'p', 'p101', 'p100.1', 'p-1', 'p9.', 'tm90', ''])('does not know %j', (text) => {
    expect(parseStatistic(text)).toBeUndefined()
  })
})

describe('exactQuantile', () => {
  it('interpolates between ranks, as NumPy does', () => {
    const values = Float64Array.of(1, 2, 3, 4, 10)
    expect([0, 0.25, 0.5, 0.9, 1].map((q) => exactQuantile(values, q))).toEqual([1, 2, 3, expect.closeTo(7.6, 12), 10])
    expect(exactQuantile(Float64Array.of(7), 0.99)).toBe(7)
    expect(exactQuantile(new Float64Array(), 0.5)).toBeNaN()
  })
})
