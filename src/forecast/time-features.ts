import type { Frequency } from './frequency.ts'

/** Calendar features, shortest cycle first. */
export const TIME_FEATURES = [
  'second_of_minute',
  'minute_of_hour',
  'hour_of_day',
  'day_of_week',
  'day_of_month',
  'day_of_year',
  'week_of_year',
  'month_of_year',
] as const
export type TimeFeature = (typeof TIME_FEATURES)[number]

const DAY_MS = 86_400_000

/** Days since 1970-01-01, which was a Thursday; negative before. */
const dayNumber = (ms: number) => Math.floor(ms / DAY_MS)
const yearStart = (ms: number) => Date.UTC(new Date(ms).getUTCFullYear(), 0, 1)
const modulo = (value: number, divisor: number) => ((value % divisor) + divisor) % divisor

function isoWeek(ms: number): number {
  const weekday = modulo(dayNumber(ms) + 3, 7)
  const thursday = ms + (3 - weekday) * DAY_MS
  return Math.floor((dayNumber(thursday) - dayNumber(yearStart(thursday))) / 7) + 1
}

/** Index within the cycle, counted from 0 (UTC; Monday is 0). */
export const FEATURE_INDEX: Readonly<Record<TimeFeature, (ms: number) => number>> = {
  second_of_minute: (ms) => modulo(Math.floor(ms / 1000), 60),
  minute_of_hour: (ms) => modulo(Math.floor(ms / 60_000), 60),
  hour_of_day: (ms) => modulo(Math.floor(ms / 3_600_000), 24),
  day_of_week: (ms) => modulo(dayNumber(ms) + 3, 7),
  day_of_month: (ms) => new Date(ms).getUTCDate() - 1,
  day_of_year: (ms) => dayNumber(ms) - dayNumber(yearStart(ms)),
  week_of_year: (ms) => isoWeek(ms) - 1,
  month_of_year: (ms) => new Date(ms).getUTCMonth(),
}

/** Length of the cycle in indices, and in milliseconds. */
export const FEATURE_CYCLE: Readonly<Record<TimeFeature, { readonly count: number; readonly ms: number }>> = {
  second_of_minute: { count: 60, ms: 60_000 },
  minute_of_hour: { count: 60, ms: 3_600_000 },
  hour_of_day: { count: 24, ms: DAY_MS },
  day_of_week: { count: 7, ms: 7 * DAY_MS },
  day_of_month: { count: 31, ms: 31 * DAY_MS },
  day_of_year: { count: 366, ms: 366 * DAY_MS },
  week_of_year: { count: 53, ms: 366 * DAY_MS },
  month_of_year: { count: 12, ms: 366 * DAY_MS },
}

const BY_UNIT: Readonly<Record<Frequency['unit'], readonly TimeFeature[]>> = {
  s: ['second_of_minute', 'minute_of_hour', 'hour_of_day', 'day_of_week', 'day_of_month', 'day_of_year'],
  min: ['minute_of_hour', 'hour_of_day', 'day_of_week', 'day_of_month', 'day_of_year'],
  h: ['hour_of_day', 'day_of_week', 'day_of_month', 'day_of_year'],
  D: ['day_of_week', 'day_of_month', 'day_of_year'],
  W: ['day_of_month', 'week_of_year'],
  M: ['month_of_year'],
}

/** Every feature that can change from step to step at a frequency (GluonTS' set). */
export function featuresOf(frequency: Frequency): readonly TimeFeature[] {
  return BY_UNIT[frequency.unit]
}

/**
 * The features that a training span of `spanMs` supports: at least two whole cycles of each. A feature with fewer takes
 * values at forecast time that training never saw, and the network extrapolates: on hourly data of a month, day of
 * month and day of year make forecasts worse than the seasonal naive one.
 */
export function supportedFeatures(frequency: Frequency, spanMs: number): readonly TimeFeature[] {
  return featuresOf(frequency).filter((feature) => spanMs >= 2 * FEATURE_CYCLE[feature].ms)
}

/** GluonTS' coding: index / (n - 1) - 0.5. */
export function featureFraction(feature: TimeFeature, ms: number): number {
  return FEATURE_INDEX[feature](ms) / (FEATURE_CYCLE[feature].count - 1) - 0.5
}

/** Where in its cycle an instant lies, 0 .. 1: to the millisecond where the cycle's length is fixed, else by index. */
function phaseOf(feature: TimeFeature, ms: number): number {
  const cycle = FEATURE_CYCLE[feature]
  if (feature === 'day_of_week') return modulo(ms + 3 * DAY_MS, cycle.ms) / cycle.ms
  if (cycle.ms <= DAY_MS) return modulo(ms, cycle.ms) / cycle.ms
  return FEATURE_INDEX[feature](ms) / cycle.count
}

/** Writes sine and cosine of each feature's phase at `at`: the end of a cycle lies next to its beginning. */
export function writePhases(features: readonly TimeFeature[], ms: number, out: Float32Array, at: number): void {
  for (let i = 0; i < features.length; i++) {
    const angle = 2 * Math.PI * phaseOf(features[i]!, ms)
    out[at + 2 * i] = Math.sin(angle)
    out[at + 2 * i + 1] = Math.cos(angle)
  }
}
