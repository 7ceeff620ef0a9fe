import type { Prediction } from '../forecast/forecaster.ts'

/** Possible values of a metric, in its units; undefined is unbounded. */
export interface DataRange {
  readonly min: number | undefined
  readonly max: number | undefined
}

/**
 * Whose band is shown: that of the seasonal baseline, which each series learns for itself; that of a DeepAR model as
 * soon as one is active; or, of the two, the one that forecasts better.
 */
export const BAND_MODELS = ['seasonal', 'deepar', 'auto'] as const
export type BandModelChoice = (typeof BAND_MODELS)[number]

/** How a DeepAR model's band is used. */
export interface ForecastBandOptions {
  readonly model: BandModelChoice
  /** Values of anomalous periods are kept from the model's state: what was expected stands in for them. */
  readonly robust: boolean
  /** Labels whose values are the model's static categories, in its order; none for a model without categories. */
  readonly categories: readonly string[]
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
