import { ZoneOffset } from '../../core/zone-offset.ts'

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
  readonly #zone: ZoneOffset | undefined
  #quarter = Number.NaN
  #offsetMs = 0

  /** Throws RangeError when the zone is unknown. */
  constructor(timezone: string) {
    this.#zone = timezone === 'UTC' ? undefined : new ZoneOffset(timezone)
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
    if (this.#zone === undefined) return 0
    const quarter = Math.floor(timestampMs / (HOUR_MS / 4))
    if (quarter !== this.#quarter) {
      this.#quarter = quarter
      this.#offsetMs = this.#zone.offsetMs(quarter * (HOUR_MS / 4))
    }
    return this.#offsetMs
  }
}
