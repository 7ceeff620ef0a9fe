import type { ScoredInput } from '../../band/scored-point.ts'
import type { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import { normalQuantile } from '../../core/special-functions.ts'
import { quantileLoss } from '../../forecast/accuracy.ts'
import type { Prediction } from '../../forecast/forecaster.ts'

/** The quantiles by which two bands are compared: the middle, and one on each side. */
const LEVELS = [0.1, 0.5, 0.9] as const
const OFFSETS = LEVELS.map(normalQuantile)
/** Points that a loss looks back on, about. */
const MEMORY = 500
/** Points before the losses say anything, and by how much the model may be worse until the baseline's band is shown. */
const POINTS_MIN = 30
const MARGIN = 1.02

/**
 * Champion against challenger in the stream: what the model's band and the baseline's would have lost on each value,
 * both foretold before it came, by the mean quantile loss over a while.
 */
export class BandDuel {
  #points = 0
  #ours = 0
  #theirs = 0

  /** `baseline` is `deviations` of its standard deviations wide on each side. */
  observe(value: number, ours: Prediction, baseline: ScoredInput, deviations: number): void {
    if (!Number.isFinite(baseline.expected)) return
    const { expected, lower, upper } = baseline
    // Drawn in to the possible values on one side at most, as a rule: the other side has the whole width.
    const deviation = Math.max(upper - expected, expected - lower) / deviations
    const rate = 1 / Math.min(++this.#points, MEMORY)
    this.#ours += rate * (lossOf(value, ours.expected, ours.deviation) - this.#ours)
    this.#theirs += rate * (lossOf(value, expected, deviation) - this.#theirs)
  }

  /** True when the model's band has been no worse for this series, or too little was seen to tell. */
  get holds(): boolean {
    return this.#points < POINTS_MIN || this.#ours <= MARGIN * this.#theirs
  }

  save(writer: BinaryWriter): void {
    for (const number of [this.#points, this.#ours, this.#theirs]) writer.f64(number)
  }

  load(reader: BinaryReader): void {
    this.#points = reader.f64()
    this.#ours = reader.f64()
    this.#theirs = reader.f64()
  }
}

function lossOf(value: number, expected: number, deviation: number): number {
  let sum = 0
  for (let i = 0; i < LEVELS.length; i++) {
    sum += quantileLoss(value, expected + (OFFSETS[i] ?? 0) * deviation, LEVELS[i] ?? 0.5)
  }
  return sum
}
