import { describe, expect, it } from 'vitest'
import { Fleet, fleetRecord } from '../../../../src/cli/demo/fleet.ts'
import { scriptIncidents } from '../../../../src/cli/demo/fleet-incidents.ts'
import { createDecoder } from '../../../../src/decode/create-decoder.ts'
import { encoded } from '../../../support/encoded.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A Monday. */
const MONDAY = Date.UTC(2026, 0, 5)

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function valuesOf(fleet: Fleet, index: number, fromMs: number, toMs: number): number[] {
  const values: number[] = []
  for (let at = fromMs; at < toMs; at += MINUTE) values.push(fleet.sampleAt(index, at)?.value ?? Number.NaN)
  return values
}

describe('Fleet', () => {
  it('has 200 series with keys of their own', () => {
    const keys = new Set(new Fleet().series.map(({ key }) => key))
    expect(keys.size).toBe(200)
  })

  it('gives the same sample for the same instant, in whatever order it is asked', () => {
    const samples = [...new Fleet().samples(MONDAY, MONDAY + 5 * MINUTE)]
    const other = new Fleet()
    for (const sample of samples.toReversed()) {
      const index = other.series.findIndex(({ key }) => key === sample.series.key)
      expect(other.sampleAt(index, sample.timestampMs)).toEqual(sample)
    }
    expect([...new Fleet({ seed: 1 }).samples(MONDAY, MONDAY + MINUTE)]).not.toEqual(samples.slice(0, 200))
  })

  it('writes records that the decoder reads back', () => {
    const decoder = createDecoder({ format: 'json' })
    for (const sample of new Fleet().samples(MONDAY, MONDAY + MINUTE)) {
      const { samples } = decoder.decode(encoded(fleetRecord(sample), sample.timestampMs))
      expect(samples).toEqual([{ ...sample, stale: false }])
    }
  })

  it('has a night, a peak and a weekend', () => {
    const fleet = new Fleet()
    const days = Array.from({ length: 7 }, (_, day) => valuesOf(fleet, 0, MONDAY + day * DAY, MONDAY + (day + 1) * DAY))
    const hourly = Array.from({ length: 24 }, (_, hour) => mean(days[0]!.slice(hour * 60, (hour + 1) * 60)))
    expect(Math.max(...hourly) / Math.min(...hourly)).toBeGreaterThan(2)
    const workday = mean(days.slice(0, 5).map(mean))
    for (const weekend of days.slice(5)) expect(mean(weekend) / workday).toBeCloseTo(0.75, 1)
  })

  it('does to each series what the script says, while it says so, and nothing else', () => {
    const incidents = scriptIncidents(MONDAY, MINUTE)
    const calm = new Fleet()
    const fleet = new Fleet({ incidents })
    for (const incident of incidents) {
      const struck = fleet.seriesOf(incident)
      expect(struck.length, incident.id).toBeGreaterThan(0)
      fleet.series.forEach(({ key }, index) => {
        const values = valuesOf(fleet, index, incident.fromMs + MINUTE, incident.toMs - MINUTE)
        const usual = valuesOf(calm, index, incident.fromMs + MINUTE, incident.toMs - MINUTE)
        if (!struck.includes(key)) {
          const elsewhere = incidents.some((other) => fleet.seriesOf(other).includes(key))
          if (!elsewhere) expect(values).toEqual(usual)
          return
        }
        const beforeMs = incident.fromMs - MINUTE
        expect(fleet.sampleAt(index, beforeMs)).toEqual(calm.sampleAt(index, beforeMs))
        const ratio = mean(values) / mean(usual)
        if (incident.kind === 'silence') expect(values.every(Number.isNaN)).toBe(true)
        if (incident.kind === 'spike') expect(ratio).toBeGreaterThan(3)
        if (incident.kind === 'dip') expect(ratio).toBeLessThan(0.2)
        if (incident.kind === 'level_shift') expect(mean(values) - mean(usual)).toBeGreaterThan(20)
        if (incident.kind === 'shape_change') {
          expect(Math.abs(ratio - 1)).toBeLessThan(0.1)
          expect(mean(values.map((value, i) => Math.abs(value / usual[i]! - 1)))).toBeGreaterThan(0.5)
        }
      })
    }
  })
})
