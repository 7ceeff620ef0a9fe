import { TidegaugeError } from '../core/errors.ts'
import type { TimeRange } from '../core/sample.ts'
import { lastStart, parseSchedule, type Schedule } from './schedule.ts'
import { ZonedTime } from './zoned-time.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Limits of CloudWatch's mute rules. */
const MUTE_LIMITS = { durationMinMs: MINUTE_MS, durationMaxMs: 15 * DAY_MS, alarms: 100 } as const

/** A planned silence: alarms are evaluated all the same, their actions are not run. */
export interface MuteOptions {
  readonly name: string
  /** `cron(minute hour day-of-month month day-of-week)`, or once `at(yyyy-MM-ddThh:mm)`. */
  readonly schedule: string
  /** How long each silence lasts: milliseconds, or an ISO 8601 duration such as PT8H. */
  readonly duration: number | string
  /** IANA name; UTC when absent. */
  readonly timezone?: string
  /** Names of alarms and composites. */
  readonly alarms: readonly string[]
  /** Silences begin from here on, event time. */
  readonly startMs?: number
  /** No silence goes on beyond this, event time. */
  readonly expireMs?: number
}

/** A mute rule, read and checked. */
export class MuteRule {
  readonly name: string
  readonly durationMs: number
  readonly #alarms: ReadonlySet<string>
  readonly #schedule: Schedule
  readonly #zone: ZonedTime
  readonly #limits: TimeRange

  /** Throws CONFIG_INVALID naming `mutes.NAME.FIELD`. */
  constructor(options: MuteOptions) {
    this.name = options.name
    this.durationMs = durationOf(options)
    this.#alarms = alarmsOf(options)
    this.#schedule = scheduleOf(options)
    this.#zone = zoneOf(options)
    this.#limits = { startMs: options.startMs ?? -8.64e15, endMs: options.expireMs ?? 8.64e15 }
  }

  mutes(alarm: string): boolean {
    return this.#alarms.has(alarm)
  }

  /** The silence that an instant lies in, or undefined. */
  windowAt(atMs: number): TimeRange | undefined {
    const startMs = lastStart(this.#schedule, this.#zone, atMs, this.durationMs)
    if (startMs === undefined || startMs < this.#limits.startMs) return undefined
    const endMs = Math.min(startMs + this.durationMs, this.#limits.endMs)
    return atMs < endMs ? { startMs, endMs } : undefined
  }
}

/** The silence of an alarm that lasts longest, of all that an instant lies in. */
export function muteOf(
  mutes: readonly MuteRule[],
  alarm: string,
  atMs: number,
): { readonly rule: MuteRule; readonly window: TimeRange } | undefined {
  let longest: { readonly rule: MuteRule; readonly window: TimeRange } | undefined
  for (const rule of mutes) {
    const window = rule.mutes(alarm) ? rule.windowAt(atMs) : undefined
    if (window !== undefined && window.endMs > (longest?.window.endMs ?? 0)) longest = { rule, window }
  }
  return longest
}

/** Milliseconds of an ISO 8601 duration of days, hours, minutes and seconds, or undefined when the text is none. */
export function parseIsoDuration(text: string): number | undefined {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text)
  if (parts === null || /[PT]$/.test(text)) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return days * DAY_MS + hours * 3_600_000 + minutes * MINUTE_MS + seconds * 1_000
}

function refuse(options: MuteOptions, field: keyof MuteOptions, message: string, hint: string): never {
  throw new TidegaugeError('CONFIG_INVALID', message, { where: `mutes.${options.name}.${field}`, hint })
}

function durationOf(options: MuteOptions): number {
  const { duration } = options
  const durationMs = typeof duration === 'number' ? duration : (parseIsoDuration(duration) ?? Number.NaN)
  if (durationMs >= MUTE_LIMITS.durationMinMs && durationMs <= MUTE_LIMITS.durationMaxMs) return durationMs
  return refuse(options, 'duration', `${duration} is not between one minute and 15 days`, 'such as PT8H or P2D')
}

function alarmsOf(options: MuteOptions): ReadonlySet<string> {
  const { length } = options.alarms
  if (length >= 1 && length <= MUTE_LIMITS.alarms) return new Set(options.alarms)
  return refuse(options, 'alarms', `${length} alarms`, `name 1 to ${MUTE_LIMITS.alarms}`)
}

function scheduleOf(options: MuteOptions): Schedule {
  const parsed = parseSchedule(options.schedule)
  if (parsed.ok) return parsed.value
  return refuse(options, 'schedule', parsed.error, 'such as cron(0 22 * * MON-FRI) or at(2026-03-02T22:00)')
}

function zoneOf(options: MuteOptions): ZonedTime {
  const timezone = options.timezone ?? 'UTC'
  try {
    return new ZonedTime(timezone)
  } catch {
    return refuse(options, 'timezone', `${timezone} is not a time zone`, 'an IANA name such as Europe/Berlin')
  }
}
