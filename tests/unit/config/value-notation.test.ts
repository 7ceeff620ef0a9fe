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
    ['-1.5e1*2', [-15, -15]],
    ['5+2*3', [5, 7, 9]],
    ['5-2*3', [5, 3, 1]],
    ['5-0.5*2', [5, 4.5]],
    ['1 _*2 2', [1, Number.NaN, Number.NaN, 2]],
    ['30~10/4s*4', [30, 40, 30, 20]],
  ])('%s', (text, expected) => {
    expect(expand(text).map((value) => Math.round(value * 1e9) / 1e9)).toEqual(expected)
  })

  it('keeps a season in phase with event time, over gaps and pieces', () => {
    const whole = expand('0~1/10s*20')
    const parts = expand('0~1/10s*7 _*5 0~1/10s*8')
    expect(parts.slice(12)).toEqual(whole.slice(12))
  })

  it('gives each value its time, also where there is none', () => {
    const parsed = parseValues('1 _ 2')
    const times = parsed.ok ? [...expandValues(parsed.value, 500, 100)].map(({ timestampMs }) => timestampMs) : []
    expect(times).toEqual([500, 600, 700])
  })

  it.each(['', 'x', '5*', '5y3', '5+*3', '30~10*4', '30~10/0s*4', '30~10/day*4', '1*2000000'])(
    'refuses "%s"',
    (text) => {
      expect(parseValues(text).ok).toBe(false)
    },
  )
})
