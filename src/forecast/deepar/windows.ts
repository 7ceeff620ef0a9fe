import type { Rng } from '../../core/rng.ts'
import type { Affine } from '../distribution/likelihood.ts'
import type { DeepArConfig } from './config.ts'
import type { InputWriter } from './inputs.ts'
import type { PreparedSeries } from './prepared-series.ts'

/** One training window: the first predicted step of its horizon is index `split` of the series. */
export interface Window {
  readonly series: PreparedSeries
  readonly split: number
}

/** A batch of windows, time-major. Predicted indices of a window: split - context + 1 .. split + horizon - 1. */
export interface WindowBatch {
  readonly steps: number
  readonly size: number
  /** Shape [steps, size, inputs]. */
  readonly inputs: Float32Array
  /** Shape [steps, size]: true values; 0 where `weight` is 0. */
  readonly targets: Float64Array
  /** Shape [steps, size]: 1 where the predicted value was observed. */
  readonly weights: Float32Array
  /** Shape [size]. */
  readonly affines: Affine[]
  /** Shape [categories][size]. */
  readonly categories: readonly Int32Array[]
}

/**
 * Draws windows so that each series weighs the same, whatever its length: a series at random, then a split point at
 * random among those that leave a whole horizon. Windows may begin before the series: that teaches the cold start.
 */
export class WindowSampler {
  readonly #series: readonly PreparedSeries[]
  readonly #horizon: number
  readonly #rng: Rng

  constructor(series: readonly PreparedSeries[], horizon: number, rng: Rng) {
    this.#series = series.filter((one) => one.length > horizon && one.observed.includes(1))
    this.#horizon = horizon
    this.#rng = rng
  }

  get size(): number {
    return this.#series.length
  }

  draw(count: number): Window[] {
    return Array.from({ length: count }, () => {
      const series = this.#series[this.#rng.below(this.#series.length)]!
      return { series, split: 1 + this.#rng.below(series.length - this.#horizon) }
    })
  }
}

export function makeBatch(config: DeepArConfig, size: number, inputs: number): WindowBatch {
  const steps = config.context + config.horizon - 1
  return {
    steps,
    size,
    inputs: new Float32Array(steps * size * inputs),
    targets: new Float64Array(steps * size),
    weights: new Float32Array(steps * size),
    affines: Array.from({ length: size }, () => ({ location: 0, scale: 1 })),
    categories: config.cardinalities.map(() => new Int32Array(size)),
  }
}

/** Fills the batch's arrays in place: training allocates nothing a step. */
export function fillBatch(
  batch: WindowBatch,
  windows: readonly Window[],
  config: DeepArConfig,
  writer: InputWriter,
): void {
  const width = writer.layout.size
  for (let b = 0; b < batch.size; b++) {
    const { series, split } = windows[b]!
    const affine = series.affineAt(split)
    batch.affines[b] = affine
    for (let c = 0; c < batch.categories.length; c++) batch.categories[c]![b] = series.source.categories[c] ?? 0
    for (let t = 0; t < batch.steps; t++) {
      const index = split - config.context + 1 + t
      const row = t * batch.size + b
      writer.write(series, affine, index, batch.inputs, row * width)
      const seen = index >= 0 && series.observed[index] === 1
      batch.targets[row] = seen ? series.filled[index]! : 0
      batch.weights[row] = seen ? 1 : 0
    }
  }
}
