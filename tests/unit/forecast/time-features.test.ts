import { describe, expect, it } from 'vitest'
import { parseFrequency } from '../../../src/forecast/frequency.ts'
import { supportedFeatures, writePhases } from '../../../src/forecast/time-features.ts'

const DAY = 86_400_000

describe('supportedFeatures', () => {
  it('leaves out a cycle that the training span does not hold twice', () => {
    const hourly = parseFrequency('h')
    expect(supportedFeatures(hourly, DAY)).toEqual([])
    expect(supportedFeatures(hourly, 3 * DAY)).toEqual(['hour_of_day'])
    expect(supportedFeatures(hourly, 40 * DAY)).toEqual(['hour_of_day', 'day_of_week'])
    expect(supportedFeatures(hourly, 800 * DAY)).toEqual(['hour_of_day', 'day_of_week', 'day_of_month', 'day_of_year'])
  })
})

describe('writePhases', () => {
  const phases = (ms: number) => {
    const out = new Float32Array(4)
    writePhases(['hour_of_day', 'day_of_week'], ms, out, 0)
    return [...out]
  }

  it('lies on the unit circle and comes back after a week', () => {
    const now = Date.UTC(2024, 4, 7, 13, 30)
    const found = phases(now)
    expect(found[0]! ** 2 + found[1]! ** 2).toBeCloseTo(1, 6)
    phases(now + 7 * DAY).forEach((value, i) => {
      expect(value).toBeCloseTo(found[i]!, 5)
    })
  })

  it('puts the last minute of a day next to the first, before 1970 too', () => {
    const last = phases(Date.UTC(1750, 0, 1, 23, 59))
    const first = phases(Date.UTC(1750, 0, 2, 0, 1))
    expect(Math.abs(last[0]! - first[0]!)).toBeLessThan(0.01)
    expect(Math.abs(last[1]! - first[1]!)).toBeLessThan(0.01)
  })
})
