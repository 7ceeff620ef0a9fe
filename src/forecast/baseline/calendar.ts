const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** The epoch was a Thursday; 0 is Monday. */
const EPOCH_WEEKDAY = 3

/** Where an instant lies in its local day and week. */
export interface CalendarPlace {
  /** Milliseconds since local midnight. */
  readonly dayMs: number
  /** Hour of the local day, 0 .. 23. */
  readonly hour: number
  /** Hour of the local week, 0 (Monday midnight) .. 167. */
  readonly hourOfWeek: number
}

/**
 * Local time of one IANA zone, by the runtime's own time zone data. The offset is looked up once a quarter of an hour
 * of event time (no zone changes in between), so that a step costs no formatting.
 */
export class Calendar {
  readonly #format: Intl.DateTimeFormat | undefined
  #quarter = Number.NaN
  #offsetMs = 0

  /** Throws RangeError when the zone is unknown. */
  constructor(timezone: string) {
    this.#format =
      timezone === 'UTC'
        ? undefined
        : new Intl.DateTimeFormat('en-US', {
            timeZone: timezone,
            hourCycle: 'h23',
            year: 'numeric',
            month: 'numeric',
            day: 'numeric',
            hour: 'numeric',
            minute: 'numeric',
            second: 'numeric',
          })
  }

  place(timestampMs: number): CalendarPlace {
    const localMs = timestampMs + this.#offset(timestampMs)
    const day = Math.floor(localMs / DAY_MS)
    const dayMs = localMs - day * DAY_MS
    const hour = Math.floor(dayMs / HOUR_MS)
    const weekday = (((day + EPOCH_WEEKDAY) % 7) + 7) % 7
    return { dayMs, hour, hourOfWeek: weekday * 24 + hour }
  }

  #offset(timestampMs: number): number {
    if (this.#format === undefined) return 0
    const quarter = Math.floor(timestampMs / (HOUR_MS / 4))
    if (quarter !== this.#quarter) {
      this.#quarter = quarter
      this.#offsetMs = this.#lookUp(this.#format, quarter * (HOUR_MS / 4))
    }
    return this.#offsetMs
  }

  #lookUp(format: Intl.DateTimeFormat, timestampMs: number): number {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(timestampMs)) part[type] = Number(value)
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) - timestampMs
  }
}
