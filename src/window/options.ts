import { TidegaugeError } from '../core/errors.ts'
import { LIMITS } from '../core/limits.ts'
import { type ParsedStatistic, parseStatistic, type Statistic } from './statistic.ts'

/**
 * What stands in for a period without samples: nothing (NaN), 0, or the last observed value. There is no `linear`: its
 * right end is the next observation, so nothing could be said about a silent series until it speaks again.
 */
export const MISSING_POLICIES = ['none', 'zero', 'previous'] as const
export type MissingPolicy = (typeof MISSING_POLICIES)[number]

/** `auto` turns what a sample calls cumulative or delta into rates; `rate` takes every gauge for a counter; `raw` none. */
export const COUNTER_POLICIES = ['auto', 'rate', 'raw'] as const
export type CounterPolicy = (typeof COUNTER_POLICIES)[number]

export interface WindowOptions {
  /** Length of a period; periods begin at whole multiples of it since the epoch, so a day's begins at midnight UTC. */
  readonly periodMs: number
  readonly statistic: Statistic
  /** How far behind the newest event time of the partition a sample may come. */
  readonly latenessMs: number
  readonly missing: MissingPolicy
  readonly counter: CounterPolicy
  /** How long after its last sample a series is kept, and its periods are emitted as missing. */
  readonly expireAfterMs: number
}

const DAY_MS = 86_400_000

export const WINDOW_DEFAULTS = {
  periodMs: 60_000,
  statistic: 'Average',
  latenessMs: 30_000,
  missing: 'none',
  counter: 'auto',
  expireAfterMs: DAY_MS,
} as const satisfies WindowOptions

/** Options that were checked, with what a window needs worked out once. */
export interface ResolvedWindowOptions extends WindowOptions {
  readonly parsed: ParsedStatistic
}

/**
 * Fills in defaults (a series expires after a day, or after ten periods when that is longer). Throws CONFIG_INVALID,
 * naming the option, for what contradicts itself.
 */
export function resolveWindowOptions(given: Partial<WindowOptions> = {}): ResolvedWindowOptions {
  const periodMs = given.periodMs ?? WINDOW_DEFAULTS.periodMs
  const expireAfterMs = given.expireAfterMs ?? Math.max(WINDOW_DEFAULTS.expireAfterMs, 10 * periodMs)
  const options = { ...WINDOW_DEFAULTS, ...given, periodMs, expireAfterMs }
  if (!Number.isInteger(periodMs) || periodMs < 1_000)
    fail('periodMs', `must be whole and at least 1s, not ${periodMs}ms`)
  const { latenessMs } = options
  if (!Number.isInteger(latenessMs) || latenessMs < 0) fail('latenessMs', `must be 0 or more, not ${latenessMs}`)
  if (latenessMs > (LIMITS.openBucketsPerSeries / 2) * periodMs) {
    const hint = 'a longer period, or a shorter lateness'
    fail('latenessMs', `may be at most ${LIMITS.openBucketsPerSeries / 2} periods, not ${latenessMs / periodMs}`, hint)
  }
  if (!Number.isInteger(expireAfterMs) || expireAfterMs < latenessMs + 2 * periodMs) {
    fail('expireAfterMs', `must be at least the lateness and two periods, not ${expireAfterMs}ms`)
  }
  const parsed = parseStatistic(options.statistic)
  if (parsed === undefined) {
    fail('statistic', `${options.statistic} is not known`, 'Average, Sum, Minimum, Maximum, SampleCount or p0 to p100')
  }
  if (!MISSING_POLICIES.includes(options.missing)) fail('missing', `is one of ${MISSING_POLICIES.join(', ')}`)
  if (!COUNTER_POLICIES.includes(options.counter)) fail('counter', `is one of ${COUNTER_POLICIES.join(', ')}`)
  return { ...options, parsed }
}

function fail(option: keyof WindowOptions, message: string, hint?: string): never {
  throw new TidegaugeError('CONFIG_INVALID', message, {
    where: `window.${option}`,
    ...(hint === undefined ? {} : { hint }),
  })
}

/** Start of the period that holds an instant. */
export function periodStart(timestampMs: number, periodMs: number): number {
  return Math.floor(timestampMs / periodMs) * periodMs
}
