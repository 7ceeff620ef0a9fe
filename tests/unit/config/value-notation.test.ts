import { describe, expect, it } from 'vitest'
import { expandValues, parseValues } from '../../../src/config/value-notation.ts'

function expand(text: string, startMs = 0, everyMs = 1_000): readonly number[] {
  const parsed = parseValues(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return [...expandValues(parsed.value, startMs, everyMs)].map(({ value }) => value)
}

describe('the notation of values', () => {
  it.each([
    ['5', [5]],
    ['-1.5e1x2', [-15, -15]],
    ['5+2x3', [5, 7, 9]],
    ['5-2x3', [5, 3, 1]],
    ['5-0.5x2', [5, 4.5]],
    ['1 _x2 2', [1, Number.NaN, Number.NaN, 2]],
    ['30~10/4sx4', [30, 40, 30, 20]],
  ])('%s', (text, expected) => {
    expect(expand(text).map((value) => Math.round(value * 1e9) / 1e9)).toEqual(expected)
  })

  it('keeps a season in phase with event time, over gaps and pieces', () => {
    const whole = expand('0~1/10sx20')
    const parts = expand('0~1/10sx7 _x5 0~1/10sx8')
    expect(parts.slice(12)).toEqual(whole.slice(12))
  })

  it('gives each value its time, also where there is none', () => {
    const parsed = parseValues('1 _ 2')
    const times = parsed.ok ? [...expandValues(parsed.value, 500, 100)].map(({ timestampMs }) => timestampMs) : []
    expect(times).toEqual([500, 600, 700])
  })

  it.each(['', 'x', '5x', '5y3', '5+x3', '30~10x4', '30~10/0sx4', '30~10/dayx4', '1x2000000'])(
    'refuses "%s"',
    (text) => {
      expect(parseValues(text).ok).toBe(false)
    },
  )
})
