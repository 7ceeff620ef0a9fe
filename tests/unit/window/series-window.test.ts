import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.ts'
import { resolveWindowOptions, type WindowOptions } from '../../../src/window/options.ts'
import { type ClosedPeriod, SeriesWindow } from '../../../src/window/series-window.ts'

const MINUTE = 60_000
const EARLY = Number.NEGATIVE_INFINITY

function windowOf(given: Partial<WindowOptions> = {}): SeriesWindow {
  return new SeriesWindow(
    resolveWindowOptions({ periodMs: MINUTE, latenessMs: 0, expireAfterMs: 10 * MINUTE, ...given }),
  )
}

function closed(window: SeriesWindow, watermarkMs: number): ClosedPeriod[] {
  const periods: ClosedPeriod[] = []
  for (let next = window.closeNext(watermarkMs); next; next = window.closeNext(watermarkMs)) periods.push(next)
  return periods
}

/** Minute, value and whether observed, of what closes. */
const rows = (periods: readonly ClosedPeriod[]) =>
  periods.map(({ startMs, value, observed }) => [startMs / MINUTE, value, observed])

describe('SeriesWindow', () => {
  it('closes what ended at or before the watermark, and nothing twice', () => {
    const window = windowOf()
    for (const [at, value] of [
      [0, 1],
      [30_000, 3],
      [60_000, 5],
    ] as const) {
      expect(window.offer(at, value, 'gauge', EARLY)).toBe('accepted')
    }
    expect(window.nextCloseMs).toBe(MINUTE)
    expect(closed(window, MINUTE - 1)).toEqual([])
    expect(closed(window, MINUTE)).toEqual([{ startMs: 0, value: 2, observed: true, sampleCount: 2 }])
    expect(closed(window, MINUTE)).toEqual([])
    expect(rows(closed(window, 2 * MINUTE))).toEqual([[1, 5, true]])
  })

  it.each([
    ['none', Number.NaN],
    ['zero', 0],
    ['previous', 7],
  ] as const)('puts, by %s, %d in place of a missing period, and says so', (missing, value) => {
    const window = windowOf({ missing })
    window.offer(0, 7, 'gauge', EARLY)
    window.offer(3 * MINUTE, 8, 'gauge', EARLY)
    expect(rows(closed(window, 4 * MINUTE))).toEqual([
      [0, 7, true],
      [1, value, false],
      [2, value, false],
      [3, 8, true],
    ])
  })

  it('is late when the watermark has passed the end of the period, and not before', () => {
    const window = windowOf()
    expect(window.offer(59_999, 1, 'gauge', MINUTE)).toBe('late')
    expect(window.isEmpty).toBe(true)
    expect(window.offer(59_999, 1, 'gauge', MINUTE - 1)).toBe('accepted')
  })

  it('begins with the earliest sample, even when it does not come first', () => {
    const window = windowOf()
    window.offer(2 * MINUTE, 2, 'gauge', EARLY)
    window.offer(MINUTE, 1, 'gauge', EARLY)
    expect(rows(closed(window, 3 * MINUTE))).toEqual([
      [1, 1, true],
      [2, 2, true],
    ])
  })

  it('turns a counter into a rate across periods, a reset and a gap', () => {
    const window = windowOf()
    for (const [minute, value] of [
      [0, 600],
      [1, 1_200],
      [2, 60],
      [4, 300],
    ] as const) {
      window.offer(minute * MINUTE, value, 'cumulative', EARLY)
    }
    expect(rows(closed(window, 5 * MINUTE))).toEqual([
      [0, Number.NaN, false],
      [1, 10, true],
      [2, 1, true],
      [3, Number.NaN, false],
      [4, 2, true],
    ])
  })

  it('goes on with missing periods for a silent series, then expires', () => {
    const window = windowOf()
    window.offer(0, 1, 'gauge', EARLY)
    expect(closed(window, 1_000 * MINUTE)).toHaveLength(11)
    expect(window.nextCloseMs).toBe(Number.POSITIVE_INFINITY)
    expect(window.isExpired(11 * MINUTE - 1)).toBe(false)
    expect(window.isExpired(11 * MINUTE)).toBe(true)
    expect(window.offer(11 * MINUTE, 1, 'gauge', 11 * MINUTE)).toBe('expired')
  })

  it('has no missing periods after a stale marker, nor for the silence before a return', () => {
    const window = windowOf()
    window.offer(0, 1, 'gauge', EARLY)
    expect(window.endSeries(2 * MINUTE, EARLY)).toBe('stale')
    expect(rows(closed(window, 5 * MINUTE))).toEqual([
      [0, 1, true],
      [1, Number.NaN, false],
    ])
    expect(window.nextCloseMs).toBe(Number.POSITIVE_INFINITY)
    window.offer(7 * MINUTE, 2, 'gauge', 5 * MINUTE)
    expect(rows(closed(window, 9 * MINUTE))).toEqual([
      [7, 2, true],
      [8, Number.NaN, false],
    ])
  })

  it('lets a stale marker pass that is late, or was overtaken by a sample', () => {
    const window = windowOf()
    expect(window.endSeries(30_000, MINUTE)).toBe('late')
    window.offer(MINUTE + 30_000, 1, 'gauge', EARLY)
    expect(window.endSeries(MINUTE, EARLY)).toBe('stale')
    expect(closed(window, 3 * MINUTE)).toHaveLength(2)
  })

  it('refuses more open periods than are allowed, and a sample beyond its expiry', () => {
    const window = windowOf({ expireAfterMs: 1_000 * MINUTE })
    for (let i = 0; i < LIMITS.openBucketsPerSeries; i++) {
      expect(window.offer(i * MINUTE, 1, 'gauge', EARLY)).toBe('accepted')
    }
    expect(window.offer(LIMITS.openBucketsPerSeries * MINUTE, 1, 'gauge', EARLY)).toBe('too_far_ahead')
    expect(window.offer(LIMITS.openBucketsPerSeries * MINUTE, 1, 'gauge', MINUTE)).toBe('accepted')
    expect(window.offer(2_000 * MINUTE, 1, 'gauge', MINUTE)).toBe('too_far_ahead')
  })

  it('takes values whose statistic is not finite for a missing period', () => {
    const window = windowOf({ statistic: 'Sum' })
    window.offer(0, Number.MAX_VALUE, 'gauge', EARLY)
    window.offer(1, Number.MAX_VALUE, 'gauge', EARLY)
    expect(closed(window, MINUTE)).toEqual([{ startMs: 0, value: Number.NaN, observed: false, sampleCount: 2 }])
  })

  it('has days that begin at midnight UTC', () => {
    const day = 24 * 60 * MINUTE
    const window = windowOf({ periodMs: day, expireAfterMs: 10 * day })
    const noon = Date.UTC(2026, 2, 29, 12)
    window.offer(noon, 1, 'gauge', EARLY)
    expect(closed(window, noon + day)[0]?.startMs).toBe(Date.UTC(2026, 2, 29))
  })
})
