import type { Series } from './series.ts'

/** What a sample's value means over time. `unknown` is treated as a gauge unless the pipeline says otherwise. */
export type MetricKind = 'gauge' | 'cumulative' | 'delta' | 'unknown'

/** One measured value of one series at one instant of event time. */
export interface Sample {
  readonly series: Series
  /** Event time, milliseconds since the epoch. */
  readonly timestampMs: number
  /** Finite, unless `stale`. */
  readonly value: number
  readonly kind: MetricKind
  /** True for a stale marker: the series ends here; `value` is NaN. */
  readonly stale: boolean
}

/** Milliseconds of event time: [startMs, endMs). */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}
