import { describe, expect, it } from 'vitest'
import { lastStart, parseSchedule } from '../../../src/alarm/schedule.ts'
import { ZonedTime } from '../../../src/alarm/zoned-time.ts'

const DAY_MS = 86_400_000

/** The last start at or before a time, in UTC. */
function last(schedule: string, at: string, zone = 'UTC', lookBackDays = 15): string | undefined {
  const parsed = parseSchedule(schedule)
  if (!parsed.ok) throw new Error(parsed.error)
  const startMs = lastStart(parsed.value, new ZonedTime(zone), Date.parse(`${at}Z`), lookBackDays * DAY_MS)
  return startMs === undefined ? undefined : new Date(startMs).toISOString().slice(0, 16)
}

describe('lastStart', () => {
  it.each([
    // 2 March 2026 is a Monday.
    ['cron(0 22 * * *)', '2026-03-02T22:00', '2026-03-02T22:00'],
    ['cron(0 22 * * *)', '2026-03-02T21:59', '2026-03-01T22:00'],
    ['cron(0 22 * * MON-FRI)', '2026-03-02T10:00', '2026-02-27T22:00'],
    ['cron(0 22 ? * 1-5)', '2026-03-02T10:00', '2026-02-27T22:00'],
    ['cron(*/15 9-17 * * *)', '2026-03-02T12:44', '2026-03-02T12:30'],
    ['cron(5/20 * * * *)', '2026-03-02T12:44', '2026-03-02T12:25'],
    ['cron(0 0 1 * *)', '2026-03-10T12:00', '2026-03-01T00:00'],
    ['cron(0 0 31 * *)', '2026-03-10T12:00', undefined],
    ['cron(0 0 * FEB *)', '2026-03-10T12:00', '2026-02-28T00:00'],
    ['cron(0 6 1,15 * SUN)', '2026-03-10T12:00', '2026-03-08T06:00'],
    ['cron(0 6 * * 7)', '2026-03-10T12:00', '2026-03-08T06:00'],
    ['at(2026-03-02T22:00)', '2026-03-05T00:00', '2026-03-02T22:00'],
    ['at(2026-03-02T22:00)', '2026-03-02T21:00', undefined],
  ])('%s before %s is %s', (schedule, at, expected) => {
    expect(last(schedule, at)).toBe(expected)
  })

  it('means local time, in summer and in winter', () => {
    expect(last('cron(0 9 * * *)', '2026-07-15T12:00', 'Europe/Berlin')).toBe('2026-07-15T07:00')
    expect(last('cron(0 9 * * *)', '2026-01-15T12:00', 'Europe/Berlin')).toBe('2026-01-15T08:00')
    expect(last('cron(0 0 * * MON)', '2026-03-02T08:00', 'Pacific/Kiritimati')).toBe('2026-03-01T10:00')
    expect(last('cron(0 0 * * MON)', '2026-03-02T12:00', 'America/New_York')).toBe('2026-03-02T05:00')
  })

  it('begins once on the days on which clocks change', () => {
    expect(last('cron(30 2 * * *)', '2026-03-29T12:00', 'Europe/Berlin')).toBe('2026-03-29T01:30')
    expect(last('cron(30 2 * * *)', '2026-10-25T12:00', 'Europe/Berlin')).toBe('2026-10-25T00:30')
  })
})

describe('parseSchedule', () => {
  it.each([
    ['0 22 * * *', 'is neither cron(...) nor at(...)'],
    ['cron(0 22 * *)', 'has 4 fields; cron has minute hour day-of-month month day-of-week'],
    ['cron(60 22 * * *)', '60 is not a minute (0 to 59)'],
    ['cron(0 24 * * *)', '24 is not a hour (0 to 23)'],
    ['cron(0 0 0 * *)', '0 is not a day of the month (1 to 31)'],
    ['cron(0 0 * 13 *)', '13 is not a month (1 to 12)'],
    ['cron(0 0 * * FUN)', 'FUN is not a day of the week (0 to 7)'],
    ['cron(0 17-9 * * *)', '17-9 is not a hour (0 to 23)'],
    ['cron(*/0 * * * *)', '*/0 is not a minute (0 to 59)'],
    ['cron(1,, * * * *)', ' is not a minute (0 to 59)'],
    ['at(2026-04-31T10:00)', '2026-04-31T10:00 is not a time such as 2026-03-02T22:00'],
    ['at(tomorrow)', 'tomorrow is not a time such as 2026-03-02T22:00'],
  ])('%s: %s', (text, error) => {
    expect(parseSchedule(text)).toEqual({ ok: false, error })
  })
})
