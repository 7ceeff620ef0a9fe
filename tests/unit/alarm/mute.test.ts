import { describe, expect, it } from 'vitest'
import { type MuteOptions, MuteRule, muteOf, parseIsoDuration } from '../../../src/alarm/mute.ts'
import { asTidegaugeError } from '../../../src/core/errors.ts'

const NIGHTS: MuteOptions = { name: 'nights', schedule: 'cron(0 22 * * *)', duration: 'PT8H', alarms: ['cpu-high'] }
const at = (text: string) => Date.parse(`${text}Z`)

function windowOf(options: MuteOptions, time: string): string | undefined {
  const window = new MuteRule(options).windowAt(at(time))
  if (window === undefined) return undefined
  return [window.startMs, window.endMs].map((ms) => new Date(ms).toISOString().slice(5, 16)).join(' ')
}

describe('MuteRule', () => {
  it.each([
    ['2026-03-02T21:59', undefined],
    ['2026-03-02T22:00', '03-02T22:00 03-03T06:00'],
    ['2026-03-03T05:59', '03-02T22:00 03-03T06:00'],
    ['2026-03-03T06:00', undefined],
  ])('at %s: %s', (time, window) => {
    expect(windowOf(NIGHTS, time)).toBe(window)
  })

  it('lasts as long as it should on the night on which clocks change', () => {
    const berlin = { ...NIGHTS, timezone: 'Europe/Berlin' }
    expect(windowOf(berlin, '2026-03-29T00:30')).toBe('03-28T21:00 03-29T05:00')
  })

  it('stays inside its start and its end', () => {
    const limited = { ...NIGHTS, startMs: at('2026-03-01T00:00'), expireMs: at('2026-03-03T00:00') }
    expect(windowOf(limited, '2026-02-28T23:00')).toBeUndefined()
    expect(windowOf(limited, '2026-03-02T23:00')).toBe('03-02T22:00 03-03T00:00')
    expect(windowOf(limited, '2026-03-03T01:00')).toBeUndefined()
  })

  it('a silence of 15 days is found on its last day', () => {
    const long = { ...NIGHTS, schedule: 'at(2026-03-01T00:00)', duration: 15 * 86_400_000 }
    expect(windowOf(long, '2026-03-15T23:59')).toBe('03-01T00:00 03-16T00:00')
    const monthly = { ...long, schedule: 'cron(0 0 1 * *)' }
    expect(windowOf(monthly, '2026-03-15T23:59')).toBe('03-01T00:00 03-16T00:00')
    expect(windowOf(monthly, '2026-03-16T00:00')).toBeUndefined()
  })

  it.each([
    [{ duration: 'PT30S' }, 'duration'],
    [{ duration: 'P16D' }, 'duration'],
    [{ duration: '8h' }, 'duration'],
    [{ schedule: 'daily' }, 'schedule'],
    [{ timezone: 'Mars/Olympus' }, 'timezone'],
    [{ alarms: [] }, 'alarms'],
    [{ alarms: Array.from({ length: 101 }, String) }, 'alarms'],
  ])('refuses %o, naming %s', (more, field) => {
    try {
      new MuteRule({ ...NIGHTS, ...more })
      expect.unreachable()
    } catch (thrown) {
      expect(asTidegaugeError(thrown)).toMatchObject({ code: 'CONFIG_INVALID', where: `mutes.nights.${field}` })
    }
  })
})

describe('muteOf', () => {
  it('finds the silence of an alarm that lasts longest', () => {
    const mutes = [
      new MuteRule(NIGHTS),
      new MuteRule({ ...NIGHTS, name: 'weekend', schedule: 'cron(0 0 * * SAT)', duration: 'P2D' }),
      new MuteRule({ ...NIGHTS, name: 'others', duration: 'P10D', alarms: ['disk-full'] }),
    ]
    expect(muteOf(mutes, 'cpu-high', at('2026-03-07T23:00'))?.rule.name).toBe('weekend')
    expect(muteOf(mutes, 'cpu-high', at('2026-03-02T23:00'))?.rule.name).toBe('nights')
    expect(muteOf(mutes, 'cpu-high', at('2026-03-02T12:00'))).toBeUndefined()
  })
})

describe('parseIsoDuration', () => {
  it.each([
    ['PT1M', 60_000],
    ['PT8H', 28_800_000],
    ['P2D', 172_800_000],
    ['P1DT2H3M4S', 93_784_000],
    ['P', undefined],
    ['PT', undefined],
    ['P1DT', undefined],
    ['1H', undefined],
    ['PT-1H', undefined],
  ])('%s is %s', (text, durationMs) => {
    expect(parseIsoDuration(text)).toBe(durationMs)
  })
})
