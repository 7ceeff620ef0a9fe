import type { BinaryReader, BinaryWriter } from '../../core/binary.ts'

/**
 * A table of additive offsets by place in a season, each moved towards the residuals seen there: by 1/n at first,
 * by a fixed rate later, so that old seasons are forgotten.
 */
export class SeasonalProfile {
  readonly #offsets: Float64Array
  readonly #counts: Uint32Array
  readonly #rate: number

  constructor(places: number, rate: number) {
    this.#offsets = new Float64Array(places)
    this.#counts = new Uint32Array(places)
    this.#rate = rate
  }

  get places(): number {
    return this.#offsets.length
  }

  offset(place: number): number {
    return this.#offsets[place] ?? 0
  }

  /** How many values were learned at the place. */
  count(place: number): number {
    return this.#counts[place] ?? 0
  }

  learn(place: number, residual: number): void {
    const count = this.count(place)
    this.#offsets[place] = this.offset(place) + Math.max(this.#rate, 1 / (count + 1)) * residual
    if (count < 0xffff_ffff) this.#counts[place] = count + 1
  }

  get byteSize(): number {
    return this.#offsets.byteLength + this.#counts.byteLength
  }

  save(writer: BinaryWriter): void {
    writer.array(this.#offsets)
    writer.array(this.#counts)
  }

  load(reader: BinaryReader): void {
    reader.into(this.#offsets)
    reader.into(this.#counts)
  }
}
