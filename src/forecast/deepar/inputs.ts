import type { Affine } from '../distribution/likelihood.ts'
import type { Frequency } from '../frequency.ts'
import { timeOfStep } from '../frequency.ts'
import { writePhases } from '../time-features.ts'
import { type DeepArConfig, type InputLayout, layoutOf } from './config.ts'
import type { PreparedSeries } from './prepared-series.ts'

/** Scaled inputs are drawn in to this: a spike stays a spike, and nothing overflows. */
export const INPUT_MAX = 50

/** A value in the network's units. */
export function normalise(value: number, affine: Affine): number {
  const scaled = (value - affine.location) / affine.scale
  return Math.min(INPUT_MAX, Math.max(-INPUT_MAX, scaled))
}

/** What the network is told of a window's level: its scale among all series', and how many scales it lies from 0. */
export function writeLevel(
  { logScale: [mean, deviation] }: DeepArConfig,
  affine: Affine,
  out: Float32Array,
  at: number,
): void {
  const level = (Math.log(affine.scale) - mean) / deviation
  out[at] = Math.max(-4, Math.min(4, level)) / 2
  out[at + 1] = Math.asinh(affine.location / affine.scale) / 4
}

/** Writes the inputs of single steps. One writer serves many series; it holds no state of theirs. */
export class InputWriter {
  readonly layout: InputLayout
  readonly #config: DeepArConfig
  readonly #frequency: Frequency

  constructor(config: DeepArConfig, frequency: Frequency) {
    this.#config = config
    this.#frequency = frequency
    this.layout = layoutOf(config)
  }

  /**
   * The inputs of the step that predicts index `index` of a series, in `out` from `at`. Lags before the series' start
   * are 0, which is its location; lags at or after its end are left at 0 for the caller to fill with samples.
   */
  write(series: PreparedSeries, affine: Affine, index: number, out: Float32Array, at: number): void {
    const { lags } = this.#config
    const { filled, length } = series
    for (let k = 0; k < lags.length; k++) {
      const position = index - lags[k]!
      out[at + k] = position >= 0 && position < length ? normalise(filled[position]!, affine) : 0
    }
    this.writeKnown(series, affine, index, out, at)
  }

  /** All columns but the lags. */
  writeKnown(series: PreparedSeries, affine: Affine, index: number, out: Float32Array, at: number): void {
    const { layout } = this
    const previous = index - 1
    out[at + layout.observedAt] =
      previous >= 0 && (previous >= series.length || series.observed[previous] === 1) ? 1 : 0
    writePhases(
      this.#config.features,
      timeOfStep(series.source.startMs, this.#frequency, index),
      out,
      at + layout.phasesAt,
    )
    writeLevel(this.#config, affine, out, at + layout.levelAt)
    for (let d = 0; d < this.#config.dynamicFeatures; d++) {
      const value = series.source.dynamic[d]?.[index] ?? 0
      out[at + layout.dynamicAt + d] = Number.isFinite(value) ? Math.max(-INPUT_MAX, Math.min(INPUT_MAX, value)) : 0
    }
  }
}
