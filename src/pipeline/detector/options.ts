import type { BandOptions, ForecastBandOptions } from '../../band/band.ts'
import type { Direction, IgnoreOptions } from '../../band/suppression.ts'

/** What a lasting change of level does: one alert at its start, or alerts until the model has taken the level in. */
export const LEVEL_SHIFTS = ['alertOnce', 'keepAlerting'] as const
export type LevelShift = (typeof LEVEL_SHIFTS)[number]

/** How a series is judged: pure data, the same for all series of a pipeline. */
export interface DetectorOptions {
  /** Trees of each forest. */
  readonly trees: number
  /** Points that each tree keeps. */
  readonly sampleSize: number
  /** Rate, a period, at which old points leave the trees. */
  readonly timeDecay: number
  /** Periods that make one point of the value forest: 1 sees values, more sees shapes. */
  readonly shingle: number
  /** Evidence, as -log10 of a tail probability, from which a point is anomalous. */
  readonly threshold: number
  readonly levelShift: LevelShift
  readonly direction: Direction
  readonly ignore: IgnoreOptions
  readonly band: BandOptions
  readonly forecast: ForecastBandOptions
}

/** The shipped configuration: the single source of every default. */
export const DETECTOR_DEFAULTS: DetectorOptions = {
  trees: 50,
  sampleSize: 256,
  timeDecay: 1 / 2560,
  shingle: 1,
  threshold: 7,
  levelShift: 'alertOnce',
  direction: 'both',
  ignore: { above: { absolute: 0, relative: 0 }, below: { absolute: 0, relative: 0 } },
  band: { deviations: 2, dataRange: { min: undefined, max: undefined }, timezone: 'UTC' },
  forecast: { model: 'auto', robust: true, categories: [] },
}

/** The options with what only the pipeline knows: the inputs' names and the period. */
export interface DetectorSetup extends DetectorOptions {
  readonly inputs: readonly string[]
  readonly periodMs: number
}
