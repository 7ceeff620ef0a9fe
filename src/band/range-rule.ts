import type { BinaryReader, BinaryWriter } from '../core/binary.ts'

/** Residuals, in deviations, that no record is counted below. */
const USUAL_RESIDUAL = 3
const LEAST_RECORD = 4
/** Values before records are counted, and how fast they fade, a value. */
const FIRST_RECORDS = 90
const RECORDS_FADE = 0.9998

/** How far a value left the range of all before it, as a share of that range; 0 inside; capped at 1. */
export interface RangeDeparture {
  readonly value: number
  /** How far it left the range, in the metric's units; below 0 inside. */
  readonly distance: number
  /** True when the seasonal residual is the largest ever, by a margin. */
  readonly residualRecord: boolean
}

/**
 * Remembers the range of the values and the largest seasonal residual: what was never seen before is news, whatever
 * the distribution (Numenta's spatial anomaly, and its twin for residuals). No record is counted in the first values.
 */
export class RangeRule {
  #values = 0
  #low = Number.POSITIVE_INFINITY
  #high = Number.NEGATIVE_INFINITY
  #residual = USUAL_RESIDUAL
  /** Records of the residual, fading: each makes the next one harder, for a series that always outdoes itself. */
  #records = 0

  /** `tolerance` is the share of the range by which a value must leave it; a residual must by four times that. */
  step(value: number, residual: number, tolerance: number): RangeDeparture {
    const range = this.#high - this.#low
    const over = Math.max(value - this.#high, this.#low - value)
    const left = over > tolerance * range
    const size = Math.abs(residual)
    this.#records *= RECORDS_FADE
    const margin = 4 * tolerance * (1 + this.#records)
    const record = size > this.#residual * (1 + margin) && size > LEAST_RECORD
    if (record && this.#values > FIRST_RECORDS) this.#records++
    this.#low = Math.min(this.#low, value)
    this.#high = Math.max(this.#high, value)
    this.#residual = Math.max(this.#residual, this.#values > 30 ? size : 0)
    this.#values++
    const departure = range > 0 ? Math.min(1, over / range) : 1
    return { value: left && Number.isFinite(range) ? departure : 0, distance: over, residualRecord: record }
  }

  save(writer: BinaryWriter): void {
    for (const value of [this.#values, this.#low, this.#high, this.#residual, this.#records]) writer.f64(value)
  }

  load(reader: BinaryReader): void {
    this.#values = reader.f64()
    this.#low = reader.f64()
    this.#high = reader.f64()
    this.#residual = reader.f64()
    this.#records = reader.f64()
  }
}
