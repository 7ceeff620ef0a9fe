import { found, type Rejection } from './decoder.ts'
import type { TimestampUnit } from './options.ts'

/**
 * A number's magnitude tells its unit for any date from March 1973 (10^8 s) to the year 5138 (10^11 s): the same dates
 * in ms, us and ns fill the next three ranges of a factor of a thousand, without overlap.
 */
const UNITS = [
  { unit: 's', below: 1e11, perMs: 1e-3 },
  { unit: 'ms', below: 1e14, perMs: 1 },
  { unit: 'us', below: 1e17, perMs: 1e3 },
  { unit: 'ns', below: 1e20, perMs: 1e6 },
] as const
const SMALLEST_SECONDS = 1e8

function unitByMagnitude(value: number): (typeof UNITS)[number] | undefined {
  return value < SMALLEST_SECONDS ? undefined : UNITS.find((candidate) => value < candidate.below)
}

/**
 * Event time in whole milliseconds from a bare number in `unit`, or why not. Seconds keep their fraction; finer units
 * are cut off, as every clock does. A number below 10^8 has no telling magnitude and is taken at its word.
 */
export function timestampFromNumber(value: number, unit: TimestampUnit): number | Rejection {
  if (!Number.isFinite(value) || value < 0) return invalid(value)
  if (unit === 'ms' && value >= 1e11 && value < 1e14) return Math.trunc(value)
  const guess = unitByMagnitude(value)
  if (unit === 'auto') return guess === undefined ? invalid(value) : toMs(value, guess)
  const told = UNITS.find((candidate) => candidate.unit === unit)
  if (told === undefined || value >= 1e20) return invalid(value)
  if (guess !== undefined && guess !== told) {
    return {
      reason: 'timestamp_unit',
      detail:
        `timestamp ${value} looks like ${guess.unit}, not ${unit}: ` +
        `set decode.timestampUnit to ${guess.unit} or auto, or have the producer send ${unit}`,
    }
  }
  return toMs(value, told)
}

function toMs(value: number, unit: (typeof UNITS)[number]): number {
  return unit.unit === 's' ? Math.round(value * 1e3) : Math.trunc(value / unit.perMs)
}

function invalid(value: unknown): Rejection {
  return {
    reason: 'timestamp_invalid',
    detail: `timestamp ${found(value)}: a number since the epoch or an RFC 3339 text with its offset is expected`,
  }
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

/**
 * Event time from RFC 3339 text, or why not. Date.parse will not do: it takes a text without offset as local time, so
 * that the same record would mean another instant on another machine.
 */
export function timestampFromText(text: string): number | Rejection {
  const match = RFC3339.exec(text)
  if (match === null) return invalid(text)
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const millis = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const offsetMinutes = Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)
  // A leap second, 23:59:60, is the next day's first second, as POSIX time has it.
  if (hour > 23 || minute > 59 || second > 60 || Number(match[9] ?? 0) > 23 || Number(match[10] ?? 0) > 59) {
    return invalid(text)
  }
  const midnight = Date.UTC(year, month - 1, day)
  const calendar = new Date(midnight)
  if (calendar.getUTCMonth() !== month - 1 || calendar.getUTCDate() !== day || year < 1970) return invalid(text)
  const local = midnight + hour * 3_600_000 + minute * 60_000 + second * 1_000 + millis
  return local + (match[8] === '-' ? offsetMinutes : -offsetMinutes) * 60_000
}

/** Reads either form; remembers the last text, as a producer's batch repeats one second many times. */
export class TimestampReader {
  readonly #unit: TimestampUnit
  #lastText = ''
  #last: number | Rejection = invalid('')

  constructor(unit: TimestampUnit) {
    this.#unit = unit
  }

  read(value: unknown): number | Rejection {
    if (typeof value === 'number') return timestampFromNumber(value, this.#unit)
    if (typeof value === 'string') {
      if (value !== this.#lastText) {
        this.#lastText = value
        this.#last = timestampFromText(value)
      }
      return this.#last
    }
    if (value === undefined || value === null) {
      return { reason: 'timestamp_missing', detail: 'there is no timestamp' }
    }
    return invalid(value)
  }
}
