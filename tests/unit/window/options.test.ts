import { describe, expect, it } from 'vitest'
import { periodStart, resolveWindowOptions, WINDOW_DEFAULTS } from '../../../src/window/options.ts'

const DAY = 86_400_000

describe('resolveWindowOptions', () => {
  it('fills in defaults, and keeps a series for ten periods when those are longer than a day', () => {
    expect(resolveWindowOptions()).toEqual({ ...WINDOW_DEFAULTS, parsed: { kind: 'Average' } })
    expect(resolveWindowOptions({ periodMs: DAY }).expireAfterMs).toBe(10 * DAY)
    expect(resolveWindowOptions({ periodMs: DAY, expireAfterMs: 3 * DAY }).expireAfterMs).toBe(3 * DAY)
  })

  it.each([
    [{ periodMs: 999 }, 'periodMs'],
    [{ periodMs: 1000.5 }, 'periodMs'],
    [{ latenessMs: -1 }, 'latenessMs'],
    [{ periodMs: 1_000, latenessMs: 33_000 }, 'latenessMs'],
    [{ expireAfterMs: 100_000 }, 'expireAfterMs'],
    [{ statistic: 'Median' }, 'statistic'],
    [{ missing: 'linear' }, 'missing'],
    [{ counter: 'yes' }, 'counter'],
  ])('refuses %j, naming window.%s', (given, option) => {
    expect(() => resolveWindowOptions(given as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', where: `window.${option}` }),
    )
  })
})

describe('periodStart', () => {
  it('aligns to the epoch, so that days begin at midnight UTC', () => {
    expect(periodStart(Date.UTC(2026, 2, 29, 13, 5), DAY)).toBe(Date.UTC(2026, 2, 29))
    expect(periodStart(-1, 60_000)).toBe(-60_000)
    expect(periodStart(60_000, 60_000)).toBe(60_000)
  })
})
