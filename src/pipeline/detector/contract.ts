import type { Feedback, ScoredPoint } from '../../band/scored-point.ts'
import type { Rng } from '../../core/rng.ts'
import type { PathSize } from '../../forecast/deepar/paths.ts'

/** One period of one series (or of one entity with several inputs), as the window closed it. */
export interface PeriodPoint {
  /** Start of the period, event time. */
  readonly timestampMs: number
  /** Shape [inputs]; NaN where there is no value. */
  readonly values: ArrayLike<number>
  /** Shape [inputs]; 1 where the value was observed, 0 where imputed or missing. */
  readonly observed: ArrayLike<number>
}

/** What is asked of a detector about the periods to come. */
export interface OutlookRequest extends PathSize {
  /** Which input, by number. */
  readonly input: number
  /** Start of the first period to come: the one after the newest that was learned. */
  readonly fromMs: number
  readonly rng: Rng
}

/**
 * Everything that is learned about one series: forest, baseline, thresholds. Deterministic: the same points and
 * feedback give the same results, bit for bit, whatever was snapshotted and restored between.
 */
export interface SeriesDetector {
  /** Scores the point against what came before it, then learns from it. Points come in time order, one a period. */
  step(point: PeriodPoint): ScoredPoint
  feedback(feedback: Feedback): void
  /**
   * Sample paths of an input's next periods: step h of path s is at [h * samples + s]; undefined while too little is
   * known. A function of the state and the request: it changes nothing.
   */
  outlook(request: OutlookRequest): Float64Array | undefined
  snapshot(): Uint8Array
  /** About how much memory the detector holds. */
  readonly byteSize: number
  /** Gives back memory that the garbage collector does not own. The detector is not used afterwards. */
  dispose(): void
}
