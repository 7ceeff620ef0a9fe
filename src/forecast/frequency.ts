import { TidegaugeError } from '../core/errors.ts'

/** Units of a frequency, in pandas' and SageMaker's letters. A month has no fixed length; the rest do. */
export const FREQUENCY_UNITS = ['s', 'min', 'h', 'D', 'W', 'M'] as const
export type FrequencyUnit = (typeof FREQUENCY_UNITS)[number]

/** How far apart two neighbouring values of a series are: `multiple` units. */
export interface Frequency {
  readonly multiple: number
  readonly unit: FrequencyUnit
  /** Canonical text: `h`, `5min`, `10s`. */
  readonly text: string
}

const UNIT_MS: Readonly<Record<FrequencyUnit, number>> = {
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  D: 86_400_000,
  W: 604_800_000,
  M: Number.NaN,
}

const ALIASES: Readonly<Record<string, FrequencyUnit>> = {
  s: 's',
  sec: 's',
  t: 'min',
  min: 'min',
  m: 'min',
  h: 'h',
  d: 'D',
  w: 'W',
}

/**
 * Reads `h`, `5min`, `15T`, `D`, `W-SUN`, `M`. One letter in two cases differs as in pandas: `M` is a month, `m` a
 * minute. Throws CONFIG_INVALID for what it does not know.
 */
export function parseFrequency(text: string): Frequency {
  const match = /^(\d*)([A-Za-z]+)(?:-[A-Za-z]+)?$/.exec(text.trim())
  const multiple = match?.[1] ? Number(match[1]) : 1
  const letters = match?.[2] ?? ''
  const unit = letters === 'M' || /^(ME|MS)$/.test(letters) ? 'M' : ALIASES[letters.toLowerCase()]
  if (unit === undefined || multiple < 1) {
    throw new TidegaugeError('CONFIG_INVALID', `'${text}' is no frequency`, {
      where: 'freq',
      hint: 'one of s, min, h, D, W, M, with a whole number before it if need be: 10s, 5min, h',
    })
  }
  return { multiple, unit, text: `${multiple === 1 ? '' : multiple}${unit}` }
}

/** Milliseconds of one step; NaN for months. */
export function stepMs(frequency: Frequency): number {
  return frequency.multiple * UNIT_MS[frequency.unit]
}

/** The frequency of a fixed period of a stream, in the largest unit that divides it. */
export function frequencyOfPeriod(periodMs: number): Frequency {
  for (const unit of ['W', 'D', 'h', 'min', 's'] as const) {
    const size = UNIT_MS[unit]
    if (periodMs >= size && periodMs % size === 0) {
      const multiple = periodMs / size
      return { multiple, unit, text: `${multiple === 1 ? '' : multiple}${unit}` }
    }
  }
  throw new TidegaugeError('CONFIG_INVALID', `a period of ${periodMs} ms is no number of whole seconds`, {
    where: 'period',
    hint: 'forecasts need periods of whole seconds',
  })
}

/** Time of step `steps` of a series that begins at `startMs`; months keep the day of the month where it exists. */
export function timeOfStep(startMs: number, frequency: Frequency, steps: number): number {
  if (frequency.unit !== 'M') return startMs + steps * stepMs(frequency)
  const start = new Date(startMs)
  const months = start.getUTCFullYear() * 12 + start.getUTCMonth() + steps * frequency.multiple
  const first = new Date(startMs)
  first.setUTCFullYear(Math.floor(months / 12), months % 12, 1)
  const days = new Date(first)
  days.setUTCMonth(days.getUTCMonth() + 1, 0)
  first.setUTCDate(Math.min(start.getUTCDate(), days.getUTCDate()))
  return first.getTime()
}

/**
 * The seasons that metrics of this frequency may have, in steps, shortest first: hour and day for minutes, day and
 * week for hours, week and year for days. A season that is not a whole number of steps, or of fewer than 2, is none.
 */
export function seasonsOf(frequency: Frequency): readonly number[] {
  if (frequency.unit === 'M')
    return 12 % frequency.multiple === 0 && frequency.multiple < 12 ? [12 / frequency.multiple] : []
  const hour = UNIT_MS.h
  const spans: Readonly<Record<Exclude<FrequencyUnit, 'M'>, readonly number[]>> = {
    s: [60_000, hour, 24 * hour],
    min: [hour, 24 * hour, 168 * hour],
    h: [24 * hour, 168 * hour],
    D: [168 * hour, 364 * 24 * hour],
    W: [364 * 24 * hour],
  }
  return spans[frequency.unit]
    .map((span) => span / stepMs(frequency))
    .filter((steps) => Number.isInteger(steps) && steps > 1)
}

/** The season that seasonal naive and MASE use: a day below a day, else 1 (12 months), as GluonTS has it. */
export function mainSeason(frequency: Frequency): number {
  const { multiple, unit } = frequency
  const perDay: Readonly<Record<FrequencyUnit, number>> = { s: 3600, min: 1440, h: 24, D: 1, W: 1, M: 12 }
  const season = perDay[unit]
  return season % multiple === 0 ? season / multiple : 1
}
