import { describe, expect, it } from 'vitest'
import { type AlarmInput, alarmOptions } from '../../../src/alarm/options.ts'
import { crossingProbability, forecastSteps, isForecastDue } from '../../../src/alarm/outlook.ts'

const MINUTE = 60_000
const make = (more: Partial<AlarmInput> = {}) =>
  alarmOptions({ name: 'a', periodMs: MINUTE, on: 'forecast', threshold: 10, within: 3 * MINUTE, ...more })

/** Four paths of four steps: one below throughout, one above once, one above only beyond the horizon, one on the edge. */
const OUTLOOK = { samples: 4, paths: Float64Array.of(1, 1, 1, 1, 2, 11, 2, 10, 3, 3, 3, 3, 4, 4, 99, 4) }

describe('an alarm on a forecast', () => {
  it('counts a path once, and only within its horizon', () => {
    expect(crossingProbability(OUTLOOK, make())).toBe(0.25)
    expect(crossingProbability(OUTLOOK, make({ within: 4 * MINUTE }))).toBe(0.5)
    expect(crossingProbability(OUTLOOK, make({ within: MINUTE }))).toBe(0)
    expect(crossingProbability(OUTLOOK, make({ operator: 'GreaterThanOrEqualToThreshold' }))).toBe(0.5)
    expect(crossingProbability(OUTLOOK, make({ operator: 'LessThanThreshold', threshold: 2 }))).toBe(1)
  })

  it('looks ahead by whole periods, one at least', () => {
    expect(forecastSteps(make({ within: 150_000 }))).toBe(2)
    expect(forecastSteps({ within: 10, periodMs: MINUTE })).toBe(1)
  })

  it('asks once in each interval of event time, wherever it began', () => {
    const options = make({ every: 5 * MINUTE })
    const due = Array.from({ length: 12 }, (_, i) => isForecastDue(i * MINUTE, options))
    expect(due.flatMap((is, i) => (is ? [i] : []))).toEqual([4, 9])
    expect(isForecastDue(7 * MINUTE, make({ every: 1 }))).toBe(true)
  })
})
