const DAY_MS = 86_400_000

/** Local time in one IANA time zone. A local instant is written as the milliseconds of the same clock reading in UTC. */
export class ZonedTime {
  readonly #format: Intl.DateTimeFormat

  /** Throws a RangeError on a time zone that is not known. */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** Local time less UTC at an instant. */
  offsetMs(atMs: number): number {
    const parts: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(atMs)) parts[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000
  }

  toLocal(atMs: number): number {
    return atMs + this.offsetMs(atMs)
  }

  /**
   * The instant of a local time: the first of the two where clocks go back, and as much later as clocks jump where
   * they go forward and the local time does not exist. (Temporal calls this "compatible".)
   */
  toInstant(localMs: number): number {
    const before = localMs - this.offsetMs(localMs - DAY_MS)
    const after = localMs - this.offsetMs(localMs + DAY_MS)
    const exact = [before, after].filter((atMs) => this.toLocal(atMs) === localMs)
    return exact.length === 0 ? before : Math.min(...exact)
  }
}
