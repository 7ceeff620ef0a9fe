import type { BinaryReader, BinaryWriter } from '../core/binary.ts'

/** A change below this share of the usual one is none. */
const STILL_SHARE = 0.1
/** Values before changes are compared. */
const FIRST = 30
/** A run counts once it is this much longer than the longest before. */
const LONGER_BY = 1.2
/** How fast the longest run is forgotten, a value. */
const FORGET = 0.9995
const RATE = 0.003
/** No series is taken to stand still more seldom than this. */
const LEAST_CHANCE = 0.02

/**
 * Notices a metric that stands still though it never does: evidence is the run's length times -log10 of how often a
 * change is that small, once the run is longer than any before.
 */
export class FlatRun {
  #values = 0
  #previous = 0
  #usualChange = 0
  #stillChance = 0.1
  #run = 0
  #longest = 3

  step(value: number): number {
    const change = this.#values > 0 ? Math.abs(value - this.#previous) : 0
    const still = this.#values > FIRST && change < STILL_SHARE * this.#usualChange
    if (still) this.#run++
    else {
      this.#longest = Math.max(this.#longest * FORGET, this.#run)
      this.#run = 0
    }
    const chance = Math.min(0.9, Math.max(this.#stillChance, LEAST_CHANCE))
    const evidence = this.#run > LONGER_BY * this.#longest + 2 ? -this.#run * Math.log10(chance) : 0
    const rate = Math.max(RATE, 1 / (this.#values + 1))
    this.#stillChance += rate * ((still && this.#run < 20 ? 1 : 0) - this.#stillChance)
    const most = this.#values < FIRST ? Number.POSITIVE_INFINITY : 5 * this.#usualChange
    this.#usualChange += rate * (Math.min(change, most) - this.#usualChange)
    this.#previous = value
    this.#values++
    return evidence
  }

  save(writer: BinaryWriter): void {
    for (const value of [this.#values, this.#previous, this.#usualChange, this.#stillChance]) writer.f64(value)
    writer.f64(this.#run)
    writer.f64(this.#longest)
  }

  load(reader: BinaryReader): void {
    this.#values = reader.f64()
    this.#previous = reader.f64()
    this.#usualChange = reader.f64()
    this.#stillChance = reader.f64()
    this.#run = reader.f64()
    this.#longest = reader.f64()
  }
}
