import type { Feedback, ScoredPoint } from '../../band/scored-point.ts'

/** One period of one series (or of one entity with several inputs), as the window closed it. */
export interface PeriodPoint {
  /** Start of the period, event time. */
  readonly timestampMs: number
  /** Shape [inputs]; NaN where there is no value. */
  readonly values: Float64Array
  /** Shape [inputs]; 1 where the value was observed, 0 where imputed or missing. */
  readonly observed: Uint8Array
}

/**
 * Everything that is learned about one series: forest, baseline, thresholds. Deterministic: the same points and
 * feedback give the same results, bit for bit, whatever was snapshotted and restored between.
 */
export interface SeriesDetector {
  /** Scores the point against what came before it, then learns from it. Points come in time order, one a period. */
  step(point: PeriodPoint): ScoredPoint
  feedback(feedback: Feedback): void
  snapshot(): Uint8Array
  /** About how much memory the detector holds. */
  readonly byteSize: number
  /** Gives back memory that the garbage collector does not own. The detector is not used afterwards. */
  dispose(): void
}
