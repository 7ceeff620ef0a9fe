import type { Affine } from './distribution/likelihood.ts'

/**
 * How a window's values become network inputs: by the mean absolute value of its past (counts need that), by location
 * and deviation (levels far from 0 with little movement need that), or as they are (ratios).
 */
export const SCALINGS = ['location-scale', 'mean-abs', 'none'] as const
export type Scaling = (typeof SCALINGS)[number]

/** The share of a series' own long-run deviation, and of its level, below which a window's deviation is not believed. */
const FLOOR_OF_DEVIATION = 0.05
const FLOOR_OF_LEVEL = 1e-4
const FLOOR_OF_MEAN_ABS = 0.1

/** Values further from the median than this many spreads (0.01 to 0.99 quantile) count as if they lay there. */
const WINSOR_SPREADS = 5

export interface MeanScaleOptions {
  readonly minimum?: number
  /** For a window without one observed value. */
  readonly fallback: number
}

/** GluonTS' mean scaler: the mean absolute value of what was observed. */
export function meanAbsolute(
  values: ArrayLike<number>,
  observed: ArrayLike<number>,
  options: MeanScaleOptions,
): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < values.length; i++) {
    if (observed[i] === 0) continue
    sum += Math.abs(values[i]!)
    count++
  }
  return Math.max(count === 0 ? options.fallback : sum / count, options.minimum ?? 1e-10)
}

/** The bounds that a series' outliers are drawn in to before its scale is measured, so that one spike cannot set it. */
export function winsorBounds(values: ArrayLike<number>, observed: ArrayLike<number>): readonly [number, number] {
  const room = new Float64Array(values.length)
  let count = 0
  for (let i = 0; i < values.length; i++) if (observed[i] !== 0) room[count++] = values[i]!
  if (count === 0) return [0, 0]
  const seen = room.subarray(0, count).sort()
  const at = (share: number) => seen[Math.round(share * (seen.length - 1))]!
  const reach = WINSOR_SPREADS * (at(0.99) - at(0.01))
  return [at(0.5) - reach, at(0.5) + reach]
}

/**
 * Location and scale of any past window of one series in constant time, by sums kept over its values. Missing values do
 * not count; outliers count as the bounds. A window that holds nothing gets the series' own long-run scale.
 */
export class RollingScaler {
  readonly #scaling: Scaling
  readonly #window: number
  /** Subtracted before squares are summed, so that they do not cancel. */
  readonly #centre: number
  readonly #count: Float64Array
  readonly #sum: Float64Array
  readonly #squares: Float64Array
  readonly #absolute: Float64Array
  readonly #longRun: Affine

  constructor(values: Float64Array, observed: Uint8Array, scaling: Scaling, window: number) {
    const n = values.length
    this.#scaling = scaling
    this.#window = window
    const [low, high] = winsorBounds(values, observed)
    this.#centre = (low + high) / 2
    this.#count = new Float64Array(n + 1)
    this.#sum = new Float64Array(n + 1)
    this.#squares = new Float64Array(n + 1)
    this.#absolute = new Float64Array(n + 1)
    for (let i = 0; i < n; i++) {
      const seen = observed[i]!
      const value = Math.min(high, Math.max(low, values[i]!))
      const centred = value - this.#centre
      this.#count[i + 1] = this.#count[i]! + seen
      this.#sum[i + 1] = this.#sum[i]! + seen * centred
      this.#squares[i + 1] = this.#squares[i]! + seen * centred * centred
      this.#absolute[i + 1] = this.#absolute[i]! + seen * Math.abs(value)
    }
    this.#longRun = this.#measure(0, n, 0)
  }

  #measure(from: number, to: number, deviationFloor: number): Affine {
    const count = this.#count[to]! - this.#count[from]!
    if (this.#scaling === 'none') return { location: 0, scale: 1 }
    if (count === 0) return { location: 0, scale: 0 }
    if (this.#scaling === 'mean-abs') {
      const scale = (this.#absolute[to]! - this.#absolute[from]!) / count
      return { location: 0, scale: Math.max(scale, deviationFloor) }
    }
    const mean = (this.#sum[to]! - this.#sum[from]!) / count
    const variance = Math.max(0, (this.#squares[to]! - this.#squares[from]!) / count - mean * mean)
    const location = this.#centre + mean
    const floor = Math.max(deviationFloor, FLOOR_OF_LEVEL * Math.abs(location))
    return { location, scale: Math.max(Math.sqrt(variance), floor) }
  }

  /** The map for a window whose past ends before `end`. */
  at(end: number): Affine {
    const last = Math.min(end, this.#count.length - 1)
    const share = this.#scaling === 'mean-abs' ? FLOOR_OF_MEAN_ABS : FLOOR_OF_DEVIATION
    const own = this.#measure(Math.max(0, last - this.#window), last, share * this.#longRun.scale)
    if (own.scale > 0) return own
    return { location: this.#longRun.location, scale: this.#longRun.scale > 0 ? this.#longRun.scale : 1 }
  }
}
