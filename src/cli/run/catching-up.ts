import { formatDuration } from '../../core/duration.ts'

/** Lags below this are a stream's own. */
const LAG_MIN = 10_000
/** Older observations are let go: the pace of late counts. */
const KEPT = 6

interface Observation {
  readonly nowMs: number
  readonly lag: number
}

/** What is worth a line in the log. */
export interface CatchingUp {
  readonly lag: number
  /** Until the stream is reached at the pace of late; undefined while it comes no nearer. */
  readonly left: string | undefined
}

/** Follows how far a process is behind, so that a long way through a topic's history has an end that people can see. */
export class CatchUpClock {
  #seen: readonly Observation[] = []

  /** `lag` is the sum over all pipelines, in records; undefined when the stream is reached. */
  observe(nowMs: number, lag: number): CatchingUp | undefined {
    if (lag < LAG_MIN) {
      this.#seen = []
      return undefined
    }
    this.#seen = [...this.#seen, { nowMs, lag }].slice(-KEPT)
    const [first] = this.#seen
    if (first === undefined || first.nowMs === nowMs || lag >= first.lag) return { lag, left: undefined }
    const leftMs = (lag * (nowMs - first.nowMs)) / (first.lag - lag)
    // Seconds of a guess are noise from ten minutes on.
    const roundMs = leftMs < 600_000 ? 1_000 : 60_000
    return { lag, left: formatDuration(Math.ceil(leftMs / roundMs) * roundMs) }
  }
}
