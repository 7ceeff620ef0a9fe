import type { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import { RunningMoments } from '../../core/moments.ts'

/** Values from which the scale is taken; after that it stays, because points in the trees cannot be rescaled. */
const VALUES = 32

/**
 * Brings inputs of different units to one size before they share a forest: a cut falls on an input in proportion to
 * its range. A forest over one input needs none of it: it does not see scale.
 */
export class InputScale {
  readonly #moments = new RunningMoments()

  /** True once the scale is known. */
  get known(): boolean {
    return this.#moments.count >= VALUES
  }

  /** What a value is divided by. */
  get size(): number {
    return this.#moments.deviation > 0 ? this.#moments.deviation : 1
  }

  learn(value: number): void {
    if (!this.known) this.#moments.add(value)
  }

  save(writer: BinaryWriter): void {
    for (const value of this.#moments.save()) writer.f64(value)
  }

  load(reader: BinaryReader): void {
    this.#moments.load([reader.f64(), reader.f64(), reader.f64()])
  }
}
