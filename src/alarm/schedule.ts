import { err, ok, type Result } from '../core/result.ts'
import type { ZonedTime } from './zoned-time.ts'

/** When something begins: at one local time, or at every local minute that matches. */
export type Schedule = { readonly kind: 'at'; readonly localMs: number } | CronSchedule

interface CronSchedule {
  readonly kind: 'cron'
  /** Minutes of the day at which it begins, in descending order. */
  readonly minutes: readonly number[]
  readonly daysOfMonth: ReadonlySet<number>
  /** 1 is January. */
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>
  /** As in cron: when both kinds of days are restricted, one of them is enough. */
  readonly eitherDay: boolean
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

/** Reads `cron(minute hour day-of-month month day-of-week)` or `at(yyyy-MM-ddThh:mm)`; the error says what is wrong. */
export function parseSchedule(text: string): Result<Schedule, string> {
  const [, kind, inside] = /^(cron|at)\((.*)\)$/.exec(text.trim()) ?? []
  if (kind === undefined || inside === undefined) return err('is neither cron(...) nor at(...)')
  return kind === 'at' ? parseAt(inside.trim()) : parseCron(inside.trim().split(/\s+/))
}

function parseAt(text: string): Result<Schedule, string> {
  const localMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN
  // Date.parse takes 31 April for 1 May.
  if (Number.isNaN(localMs) || !new Date(localMs).toISOString().startsWith(text)) {
    return err(`${text} is not a time such as 2026-03-02T22:00`)
  }
  return ok({ kind: 'at', localMs })
}

function parseCron(fields: readonly string[]): Result<Schedule, string> {
  if (fields.length !== 5)
    return err(`has ${fields.length} fields; cron has minute hour day-of-month month day-of-week`)
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields
  const parsed = {
    minutes: parseField('minute', minute, 0, 59),
    hours: parseField('hour', hour, 0, 23),
    daysOfMonth: parseField('day of the month', dayOfMonth, 1, 31),
    months: parseField('month', month, 1, 12, MONTHS, 1),
    daysOfWeek: parseField('day of the week', dayOfWeek, 0, 7, DAYS, 0),
  }
  for (const field of Object.values(parsed)) if (typeof field === 'string') return err(field)
  const { minutes, hours, daysOfMonth, months, daysOfWeek } = parsed as Record<keyof typeof parsed, ReadonlySet<number>>
  const isAny = (field: string) => field === '*' || field === '?'
  return ok({
    kind: 'cron',
    minutes: [...hours].flatMap((h) => [...minutes].map((m) => h * 60 + m)).sort((a, b) => b - a),
    daysOfMonth,
    months,
    daysOfWeek: new Set([...daysOfWeek].map((day) => day % 7)),
    eitherDay: !isAny(dayOfMonth) && !isAny(dayOfWeek),
  })
}

/** `*`, `?`, numbers, names, ranges, steps and lists of them; a text is what is wrong. */
function parseField(
  what: string,
  text: string,
  low: number,
  high: number,
  names: readonly string[] = [],
  firstName = 0,
): ReadonlySet<number> | string {
  const numberOf = (part: string) => {
    const named = names.indexOf(part.toUpperCase())
    return named >= 0 ? named + firstName : /^\d+$/.test(part) ? Number(part) : Number.NaN
  }
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [, range = '', stepText] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? []
    const [from = '', to] = range === '*' || range === '?' ? [String(low), String(high)] : range.split('-')
    const first = numberOf(from)
    // As in cron, 10/5 begins at 10 and goes on to the end.
    const last = to !== undefined ? numberOf(to) : stepText === undefined ? first : high
    const step = stepText === undefined ? 1 : Number(stepText)
    if (!(first >= low && first <= last && last <= high && step >= 1)) {
      return `${part} is not a ${what} (${low} to ${high})`
    }
    for (let value = first; value <= last; value += step) values.add(value)
  }
  return values
}

/** The last beginning at or before an instant, looking back over `lookBackMs`. */
export function lastStart(schedule: Schedule, zone: ZonedTime, atMs: number, lookBackMs: number): number | undefined {
  if (schedule.kind === 'at') {
    const startMs = zone.toInstant(schedule.localMs)
    return startMs <= atMs ? startMs : undefined
  }
  const today = Math.floor(zone.toLocal(atMs) / DAY_MS) * DAY_MS
  const days = Math.ceil(lookBackMs / DAY_MS) + 1
  for (let day = today; day >= today - days * DAY_MS; day -= DAY_MS) {
    if (!matchesDay(schedule, day)) continue
    for (const minute of schedule.minutes) {
      const startMs = zone.toInstant(day + minute * MINUTE_MS)
      if (startMs <= atMs) return startMs
    }
  }
  return undefined
}

function matchesDay(schedule: CronSchedule, localDayMs: number): boolean {
  const date = new Date(localDayMs)
  if (!schedule.months.has(date.getUTCMonth() + 1)) return false
  const ofMonth = schedule.daysOfMonth.has(date.getUTCDate())
  const ofWeek = schedule.daysOfWeek.has(date.getUTCDay())
  return schedule.eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek
}
