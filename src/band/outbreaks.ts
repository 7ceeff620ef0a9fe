import type { BinaryReader, BinaryWriter } from '../core/binary.ts'

/** Evidence, in decades, from which a value belongs to an outbreak; values no further apart belong to one. */
const NOTABLE = 3.5
const APART = 5
/** An outbreak is like another when it was at least this share as large. */
const ALIKE = 0.5
/** Values over which an outbreak is forgotten, about, and how many are kept. */
const MEMORY = 5_000
const KEPT = 24

/** The outbreaks of the past: what has happened several times is a habit of the series, however large. */
export class Outbreaks {
  #at: number[] = []
  #sizes: number[] = []
  #values = 0

  /** How many earlier outbreaks were like one of this size; older ones count for less. */
  like(size: number): number {
    let count = 0
    for (let i = 0; i < this.#at.length; i++) {
      const age = this.#values - this.#at[i]!
      if (age > APART && this.#sizes[i]! >= ALIKE * size) count += Math.exp(-age / MEMORY)
    }
    return count
  }

  learn(size: number, evidence: number): void {
    if (evidence > NOTABLE) this.#note(size)
    this.#values++
  }

  #note(size: number): void {
    const newest = this.#at.length - 1
    if (newest >= 0 && this.#values - this.#at[newest]! <= APART) {
      this.#at[newest] = this.#values
      this.#sizes[newest] = Math.max(this.#sizes[newest]!, size)
      return
    }
    this.#at = [...this.#at, this.#values].slice(-KEPT)
    this.#sizes = [...this.#sizes, size].slice(-KEPT)
  }

  save(writer: BinaryWriter): void {
    writer.f64(this.#values)
    writer.array(Float64Array.from(this.#at))
    writer.array(Float64Array.from(this.#sizes))
  }

  load(reader: BinaryReader): void {
    this.#values = reader.f64()
    this.#at = [...reader.f64Array()]
    this.#sizes = [...reader.f64Array()]
  }
}
