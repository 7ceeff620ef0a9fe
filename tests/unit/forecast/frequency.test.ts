import { describe, expect, it } from 'vitest'
import {
  frequencyOfPeriod,
  mainSeason,
  parseFrequency,
  seasonsOf,
  stepMs,
  timeOfStep,
} from '../../../src/forecast/frequency.ts'

describe('parseFrequency', () => {
  it.each([
    ['h', 'h', 3_600_000],
    ['H', 'h', 3_600_000],
    ['5min', '5min', 300_000],
    ['15T', '15min', 900_000],
    ['10s', '10s', 10_000],
    ['10S', '10s', 10_000],
    ['m', 'min', 60_000],
    ['D', 'D', 86_400_000],
    ['W-SUN', 'W', 604_800_000],
  ])('%s is %s', (text, canonical, ms) => {
    expect(parseFrequency(text).text).toBe(canonical)
    expect(stepMs(parseFrequency(text))).toBe(ms)
  })

  it('tells a month from a minute', () => {
    expect(parseFrequency('M').unit).toBe('M')
    expect(parseFrequency('MS').unit).toBe('M')
  })

  it.each(['', 'fortnight', '0h', '-5min', 'h5'])('refuses %j', (text) => {
    expect(() => parseFrequency(text)).toThrow(/no frequency/)
  })
})

it('names the frequency of a stream by its largest unit', () => {
  expect(frequencyOfPeriod(300_000).text).toBe('5min')
  expect(frequencyOfPeriod(3_600_000).text).toBe('h')
  expect(frequencyOfPeriod(90_000).text).toBe('90s')
  expect(() => frequencyOfPeriod(1500)).toThrow(/whole seconds/)
})

it('steps months by the calendar, keeping the day where it exists', () => {
  const monthly = parseFrequency('M')
  const start = Date.UTC(2024, 0, 31)
  const dates = [0, 1, 2, 13].map((n) => new Date(timeOfStep(start, monthly, n)).toISOString().slice(0, 10))
  expect(dates).toEqual(['2024-01-31', '2024-02-29', '2024-03-31', '2025-02-28'])
})

it('knows the seasons of metrics', () => {
  expect(seasonsOf(parseFrequency('h'))).toEqual([24, 168])
  expect(seasonsOf(parseFrequency('5min'))).toEqual([12, 288, 2016])
  expect(seasonsOf(parseFrequency('10s'))).toEqual([6, 360, 8640])
  expect(seasonsOf(parseFrequency('7min'))).toEqual([1440])
  expect(mainSeason(parseFrequency('5min'))).toBe(288)
  expect(mainSeason(parseFrequency('7min'))).toBe(1)
  expect(mainSeason(parseFrequency('D'))).toBe(1)
})
