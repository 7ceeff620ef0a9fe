import type { QuantileForecast } from './accuracy.ts'
import { mapForecast, sortedQuantile } from './quantiles.ts'

/** A forecast of a window that was held back, and what came. */
export interface HeldBack {
  readonly forecast: QuantileForecast
  readonly truth: Float64Array
}

/** How a model's quantiles are corrected: by level, in units of the forecast's own spread. */
export interface Calibration {
  readonly levels: readonly number[]
  /** The median moves by this many spreads (0.9 less 0.1 quantile, or the outermost pair). */
  readonly shift: number
  /** The distance of each level's quantile from the median is multiplied by this; 1 at the median. */
  readonly factors: readonly number[]
}

/** Fewer held-back values than this calibrate nothing. */
const VALUES_MIN = 100
const FACTOR_MIN = 0.3
const FACTOR_MAX = 4

/** Held-back windows are few and alike (one weekend for all series), so only part of a bias that they show is believed. */
const SHIFT_BELIEVED = 0.5

export function noCalibration(levels: readonly number[]): Calibration {
  return { levels, shift: 0, factors: levels.map(() => 1) }
}

const spreadAt = ({ quantiles }: QuantileForecast, h: number) => quantiles.at(-1)![h]! - quantiles[0]![h]!

/** (truth - centre) / reach over all held-back steps where the reach is not 0, in ascending order. */
function ratios(
  windows: readonly HeldBack[],
  centre: (forecast: QuantileForecast, h: number) => number,
  reach: (forecast: QuantileForecast, h: number) => number,
): Float64Array {
  const found: number[] = []
  for (const { forecast, truth } of windows) {
    for (let h = 0; h < truth.length; h++) {
      const width = reach(forecast, h)
      if (Number.isFinite(truth[h]) && Math.abs(width) > 0) found.push((truth[h]! - centre(forecast, h)) / width)
    }
  }
  return Float64Array.from(found).sort()
}

/**
 * Split-conformal calibration of every level (after Romano, Patterson and Candès 2019, with the forecast's own spread as
 * the unit): on windows that training never saw, the factor is found by which a level's distance from the median must
 * be multiplied so that the level holds. Steps whose forecast has no width (a constant series) tell nothing and are
 * left out.
 */
export function calibrate(windows: readonly HeldBack[], levels: readonly number[]): Calibration {
  const middle = levels.indexOf(0.5)
  if (middle < 0) return noCalibration(levels)
  const medianAt = (forecast: QuantileForecast, h: number) => forecast.quantiles[middle]![h]!
  const errors = ratios(windows, medianAt, spreadAt)
  if (errors.length < VALUES_MIN) return noCalibration(levels)
  const shift = SHIFT_BELIEVED * sortedQuantile(errors, 0.5)
  const moved = (forecast: QuantileForecast, h: number) => medianAt(forecast, h) + shift * spreadAt(forecast, h)
  const factors = levels.map((level, i) => {
    if (i === middle) return 1
    const found = ratios(windows, moved, (forecast, h) => forecast.quantiles[i]![h]! - medianAt(forecast, h))
    if (found.length < VALUES_MIN) return 1
    // Below the median distances are negative, so their ratios run the other way.
    const factor = sortedQuantile(found, level < 0.5 ? 1 - level : level)
    return Math.min(FACTOR_MAX, Math.max(FACTOR_MIN, factor))
  })
  return { levels, shift, factors }
}

export function applyCalibration(
  forecast: QuantileForecast,
  { shift, factors, levels }: Calibration,
): QuantileForecast {
  const middle = levels.indexOf(0.5)
  if (middle < 0) return forecast
  const medians = forecast.quantiles[middle]!
  return mapForecast(forecast, (value, h, i) => {
    const moved = shift * spreadAt(forecast, h)
    return i < 0 ? value + moved : medians[h]! + moved + (factors[i] ?? 1) * (value - medians[h]!)
  })
}

/**
 * Online conformal calibration of a band's width (Gibbs and Candès 2021, adaptive conformal inference, on the logarithm
 * of the width): after each point the width grows if the point lay outside and shrinks a little if it did not, so that
 * the share outside goes to the target whatever the data do. The whole state is three numbers.
 */
export class AdaptiveWidth {
  readonly #target: number
  readonly #rate: number
  #logFactor = 0
  #points = 0
  #inside = 0

  /** `coverage`: the share of points that the band should hold, as 0.99. */
  constructor(coverage: number, rate = 0.02) {
    this.#target = coverage
    this.#rate = rate
  }

  /** What the band's half-width is multiplied by. */
  get factor(): number {
    return Math.exp(this.#logFactor)
  }

  get targetCoverage(): number {
    return this.#target
  }

  /** Share of the points so far that lay inside; NaN before the first. */
  get coverage(): number {
    return this.#points === 0 ? Number.NaN : this.#inside / this.#points
  }

  observe(inside: boolean): void {
    this.#points++
    if (inside) this.#inside++
    const missed = inside ? 0 : 1
    const moved = this.#logFactor + this.#rate * (missed - (1 - this.#target))
    this.#logFactor = Math.min(Math.log(FACTOR_MAX), Math.max(Math.log(FACTOR_MIN), moved))
  }

  save(): readonly [number, number, number] {
    return [this.#logFactor, this.#points, this.#inside]
  }

  load(saved: readonly [number, number, number]): void {
    ;[this.#logFactor, this.#points, this.#inside] = saved
  }
}
