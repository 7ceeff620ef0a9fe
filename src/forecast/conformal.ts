import type { QuantileForecast } from './accuracy.ts'
import { mapForecast, sortedQuantile } from './quantiles.ts'

/** A forecast of a window that was held back, and what came. */
export interface HeldBack {
  readonly forecast: QuantileForecast
  readonly truth: Float64Array
}

/** How a model's quantiles are corrected, in units of the forecast's own spread (its 0.9 less its 0.1 quantile). */
export interface Calibration {
  /** The median, and all else with it, moves by this many spreads. */
  readonly shift: number
  /** What the distances from the median are multiplied by, below it and above it. */
  readonly below: number
  readonly above: number
}

export const NOT_CALIBRATED: Calibration = { shift: 0, below: 1, above: 1 }

/** Fewer held-back values than this calibrate nothing. */
const VALUES_MIN = 100
const FACTOR_MIN = 0.3
const FACTOR_MAX = 4

/**
 * Held-back windows are few and alike (one weekend for all series): so much of what they show, in spreads and in
 * logarithms of a factor, may be chance and is not believed.
 */
const SHIFT_DOUBTED = 0.05
const FACTOR_DOUBTED = 0.15

/** What is left of a finding when `doubt` of it is not believed. */
const believed = (found: number, doubt: number) => Math.sign(found) * Math.max(0, Math.abs(found) - doubt)

function spreadAt({ levels, quantiles }: QuantileForecast, h: number): number {
  return quantiles[levels.indexOf(0.9)]![h]! - quantiles[levels.indexOf(0.1)]![h]!
}

function medianAt({ levels, quantiles }: QuantileForecast, h: number): number {
  return quantiles[levels.indexOf(0.5)]![h]!
}

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
 * the unit): on windows that training never saw, the factor is found by which distances from the median must be
 * multiplied so that the levels hold, one a side. Steps whose forecast has no width (a constant series) tell nothing and are
 * left out.
 */
export function calibrate(windows: readonly HeldBack[]): Calibration {
  const errors = ratios(windows, medianAt, spreadAt)
  if (errors.length < VALUES_MIN) return NOT_CALIBRATED
  const shift = believed(sortedQuantile(errors, 0.5), SHIFT_DOUBTED)
  const moved = (forecast: QuantileForecast, h: number) => medianAt(forecast, h) + shift * spreadAt(forecast, h)
  const levels = windows[0]!.forecast.levels
  const factors = levels.map((level, i) => {
    if (level === 0.5) return 1
    const own = ratios(windows, moved, (forecast, h) => forecast.quantiles[i]![h]! - medianAt(forecast, h))
    if (own.length < VALUES_MIN) return 1
    // Below the median distances are negative, so their ratios run the other way.
    const factor = sortedQuantile(own, level < 0.5 ? 1 - level : level)
    return Math.min(FACTOR_MAX, Math.max(FACTOR_MIN, factor))
  })
  return {
    shift,
    below: sideFactor(levels, factors, (level) => level < 0.5),
    above: sideFactor(levels, factors, (level) => level > 0.5),
  }
}

/** One factor a side: levels next to the median are thin and noisy, so each counts by its distance from it. */
function sideFactor(levels: readonly number[], factors: readonly number[], side: (level: number) => boolean): number {
  let weights = 0
  let sum = 0
  levels.forEach((level, i) => {
    if (!side(level)) return
    weights += Math.abs(level - 0.5)
    sum += Math.abs(level - 0.5) * Math.log(factors[i]!)
  })
  return weights === 0 ? 1 : Math.exp(believed(sum / weights, FACTOR_DOUBTED))
}

/** The forecast must have the levels 0.1, 0.5 and 0.9 among its own. */
export function applyCalibration(forecast: QuantileForecast, { shift, below, above }: Calibration): QuantileForecast {
  const { levels } = forecast
  return mapForecast(forecast, (value, h, i) => {
    const moved = shift * spreadAt(forecast, h)
    if (i < 0) return value + moved
    const middle = medianAt(forecast, h)
    return middle + moved + (levels[i]! < 0.5 ? below : above) * (value - middle)
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
