import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../../src/core/duration.ts'

it.each([
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['0.5s', 500],
  ['14d', 1_209_600_000],
])('reads %s', (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs)
})

it.each(['', '5', 'm', '5 m', '5x', '-5m', '5m!'])('is told that %j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

it('writes what it reads back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), (durationMs) => {
      expect(parseDuration(formatDuration(durationMs))).toBe(durationMs)
    }),
  )
})
