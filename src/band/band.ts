import type { Prediction } from '../forecast/forecaster.ts'

/** Possible values of a metric, in its units; undefined is unbounded. */
export interface DataRange {
  readonly min: number | undefined
  readonly max: number | undefined
}

export interface BandOptions {
  /** Half the band's width, in standard deviations: k of CloudWatch's ANOMALY_DETECTION_BAND(m1, k). */
  readonly deviations: number
  /** The band and the expected value stay inside; a value outside is an anomaly. */
  readonly dataRange: DataRange
  /** IANA zone of the hours and days that the seasonal baseline learns. */
  readonly timezone: string
}

/** Expected value and bounds, in the units of the input; all NaN while the model is PENDING_TRAINING. */
export interface Band {
  readonly expected: number
  readonly lower: number
  readonly upper: number
}

function intoRange(value: number, range: DataRange): number {
  if (range.min !== undefined && value < range.min) return range.min
  if (range.max !== undefined && value > range.max) return range.max
  return value
}

/** The band `deviations` wide on each side of the expected value, clipped to the possible values. */
export function bandOf(prediction: Prediction, options: BandOptions): Band {
  const { expected, deviation } = prediction
  const half = options.deviations * deviation
  return {
    expected: intoRange(expected, options.dataRange),
    lower: intoRange(expected - half, options.dataRange),
    upper: intoRange(expected + half, options.dataRange),
  }
}

/** True for a value that the metric cannot have. */
export function isImpossible(value: number, range: DataRange): boolean {
  return (range.min !== undefined && value < range.min) || (range.max !== undefined && value > range.max)
}
