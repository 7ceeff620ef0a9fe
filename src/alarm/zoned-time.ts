import { ZoneOffset } from '../core/zone-offset.ts'

const DAY_MS = 86_400_000

/** Local time in one IANA time zone. A local instant is written as the milliseconds of the same clock reading in UTC. */
export class ZonedTime {
  readonly #offset: ZoneOffset

  /** Throws a RangeError on a time zone that is not known. */
  constructor(timeZone: string) {
    this.#offset = new ZoneOffset(timeZone)
  }

  /** Local time less UTC at an instant. */
  offsetMs(atMs: number): number {
    return this.#offset.offsetMs(atMs)
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
