import { describe, expect, it } from 'vitest'
import { ZonedTime } from '../../../src/alarm/zoned-time.ts'

const HOUR_MS = 3_600_000
const instantOf = (zone: string, local: string) =>
  new Date(new ZonedTime(zone).toInstant(Date.parse(`${local}Z`))).toISOString().slice(0, 16)

describe('ZonedTime', () => {
  it.each([
    ['UTC', '2026-03-02T10:00', '2026-03-02T10:00'],
    ['Europe/Berlin', '2026-01-15T12:00', '2026-01-15T11:00'],
    ['Europe/Berlin', '2026-07-15T12:00', '2026-07-15T10:00'],
    ['America/New_York', '2026-07-15T00:30', '2026-07-15T04:30'],
    ['Asia/Kolkata', '2026-03-02T00:00', '2026-03-01T18:30'],
    ['Pacific/Kiritimati', '2026-03-02T00:00', '2026-03-01T10:00'],
  ])('%s %s is %s', (zone, local, instant) => {
    expect(instantOf(zone, local)).toBe(instant)
  })

  it('a local time that does not exist is as much later as the clocks jump', () => {
    expect(instantOf('Europe/Berlin', '2026-03-29T02:30')).toBe('2026-03-29T01:30')
    expect(instantOf('America/New_York', '2026-03-08T02:30')).toBe('2026-03-08T07:30')
  })

  it('of a local time that comes twice, the first is meant', () => {
    expect(instantOf('Europe/Berlin', '2026-10-25T02:30')).toBe('2026-10-25T00:30')
    expect(instantOf('America/New_York', '2026-11-01T01:30')).toBe('2026-11-01T05:30')
  })

  it('there and back again for every hour of a year with both changes', () => {
    const zone = new ZonedTime('Europe/Berlin')
    const start = Date.UTC(2026, 0, 1)
    let repeated = 0
    for (let atMs = start; atMs < start + 365 * 24 * HOUR_MS; atMs += HOUR_MS) {
      if (zone.toInstant(zone.toLocal(atMs)) !== atMs) repeated++
    }
    expect(repeated).toBe(1)
  })

  it('refuses a zone that does not exist', () => {
    expect(() => new ZonedTime('Mars/Olympus')).toThrow(RangeError)
  })
})
