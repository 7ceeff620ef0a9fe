import type { TimeRange } from '../core/sample.ts'
import type { TrainingState } from '../forecast/forecaster.ts'

/**
 * Why a point has the grade that it has. Closed: it becomes a metric label. `normal` is not anomalous;
 * `anomalous_*` say what made it anomalous; the rest say why an unusual point was let pass or could not be judged.
 */
export const GRADE_REASONS = [
  'normal',
  'anomalous_value',
  'anomalous_shape',
  'anomalous_range',
  'anomalous_sustained',
  'suppressed_small_absolute',
  'suppressed_small_relative',
  'suppressed_direction',
  'suppressed_in_shingle',
  'suppressed_alert_once',
  'suppressed_rest',
  'suppressed_constant',
  'suppressed_feedback',
  'learning',
  'missing',
] as const
export type GradeReason = (typeof GRADE_REASONS)[number]

/** One input (metric) of a scored point. */
export interface ScoredInput {
  readonly name: string
  /** NaN when the period had no data and none was imputed. */
  readonly value: number
  /** False when `value` was imputed or is NaN. */
  readonly observed: boolean
  /** NaN until a band can be given. */
  readonly expected: number
  readonly lower: number
  readonly upper: number
}

/** One share of a score: which input, how many periods back, and in which direction it lies. Shares sum to 1. */
export interface Attribution {
  readonly input: string
  readonly lag: number
  readonly direction: 'above' | 'below'
  readonly share: number
}

/** Of a point whose score nobody asks about: one for all of them, as there are many. */
export const NO_ATTRIBUTION: readonly Attribution[] = []

/** What the detector says of one period of one series. */
export interface ScoredPoint {
  /** Start of the period, event time. */
  readonly timestampMs: number
  readonly inputs: readonly ScoredInput[]
  /** One number whose meaning is the same for all series, >= 0; 0 while learning. */
  readonly score: number
  /** 0 (normal) .. 1. */
  readonly grade: number
  /** 0 .. 1: how much was learned. */
  readonly confidence: number
  readonly reason: GradeReason
  readonly state: TrainingState
  /** Whose band it is. */
  readonly model: 'seasonal-baseline' | 'deepar'
  /**
   * How unlikely the value was to the forecast: -log10 of its tail probability, over the detector's threshold, so that it
   * can be held beside `score`. Absent without a DeepAR model.
   */
  readonly forecastScore?: number
  /** Only for points with grade > 0. */
  readonly attribution: readonly Attribution[]
}

/** What a person says of a range of a series, and what the detector then does. */
export const FEEDBACK_LABELS = ['incident', 'expected', 'newNormal', 'notAnomaly'] as const
export type FeedbackLabel = (typeof FEEDBACK_LABELS)[number]

export interface Feedback {
  readonly range: TimeRange
  readonly label: FeedbackLabel
}
