/**
 * How much a band's model has learned, in CloudWatch's words: nothing usable yet; something, but not a whole season;
 * enough.
 */
export const TRAINING_STATES = ['PENDING_TRAINING', 'TRAINED_INSUFFICIENT_DATA', 'TRAINED'] as const
export type TrainingState = (typeof TRAINING_STATES)[number]

/** The one-step-ahead predictive distribution of one input of a series: location, scale, and a shape. */
export interface Prediction {
  /** Expected value, in the units of the input; NaN while PENDING_TRAINING. */
  readonly expected: number
  /** Standard deviation of the next value about `expected`; > 0, or NaN while PENDING_TRAINING. */
  readonly deviation: number
  /** Degrees of freedom of a Student-t shape; Infinity is a normal. */
  readonly degreesOfFreedom: number
  readonly state: TrainingState
  /** Who made it. */
  readonly model: 'seasonal-baseline' | 'deepar'
}
