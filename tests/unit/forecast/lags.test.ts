import { expect, it } from 'vitest'
import { parseFrequency } from '../../../src/forecast/frequency.ts'
import { defaultLags, LAG_MAX } from '../../../src/forecast/lags.ts'

it('gives minutes their day, which the usual lags leave out', () => {
  const lags = defaultLags(parseFrequency('min'), 5000)
  for (const lag of [1, 7, 60, 1439, 1440, 1441, 2880]) expect(lags).toContain(lag)
})

it('looks back no further than there is a past, nor than a stream can hold', () => {
  expect(Math.max(...defaultLags(parseFrequency('h'), 100))).toBeLessThanOrEqual(100)
  expect(Math.max(...defaultLags(parseFrequency('min'), 100_000))).toBeLessThanOrEqual(LAG_MAX)
  expect(defaultLags(parseFrequency('h'), 1)).toEqual([1])
})

it('names each lag once, in order', () => {
  const lags = defaultLags(parseFrequency('5min'), 10_000)
  expect(lags).toEqual([...new Set(lags)].sort((a, b) => a - b))
})
