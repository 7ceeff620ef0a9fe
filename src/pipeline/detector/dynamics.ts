import type { BinaryReader, BinaryWriter } from '../../core/binary.ts'

/** Periods over which the value and the size of its changes are smoothed. */
const VALUE_TIME = 30
const CHANGE_TIME = 20

/** How one input moves: its smoothed value and the smoothed size of its changes, where the dynamics forest sees it. */
export class Dynamics {
  #values = 0
  #previous = 0
  #smooth = 0
  #change = 0

  /** Writes the two numbers at `at`. */
  step(value: number, target: Float64Array, at: number): void {
    if (this.#values === 0) {
      this.#smooth = value
      this.#previous = value
    }
    this.#smooth += (value - this.#smooth) / VALUE_TIME
    this.#change += (Math.abs(value - this.#previous) - this.#change) / CHANGE_TIME
    this.#previous = value
    this.#values++
    target[at] = this.#smooth
    target[at + 1] = this.#change
  }

  save(writer: BinaryWriter): void {
    for (const value of [this.#values, this.#previous, this.#smooth, this.#change]) writer.f64(value)
  }

  load(reader: BinaryReader): void {
    this.#values = reader.f64()
    this.#previous = reader.f64()
    this.#smooth = reader.f64()
    this.#change = reader.f64()
  }
}
