import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { DATAPOINT, type Datapoint, type DatapointKind } from './datapoint.ts'
import type { EvaluatedRange } from './reason.ts'

/** Kind and value; and the band's two edges where they are needed. */
const COLUMNS = { plain: 2, banded: 4 } as const

/**
 * The newest datapoints of one alarm of one series, one for each period, in one flat array of doubles: there are as
 * many rings as series times alarms, and a JavaScript array of doubles has a sixth of a typed array's fixed cost.
 */
export class DatapointRing {
  readonly size: number
  readonly #columns: number
  readonly #cells: number[]
  /** Slot of the newest datapoint. */
  #newest = 0

  constructor(size: number, banded: boolean) {
    this.size = size
    this.#columns = banded ? COLUMNS.banded : COLUMNS.plain
    this.#cells = new Array<number>(size * this.#columns).fill(Number.NaN)
    this.clear()
  }

  clear(): void {
    this.#cells.fill(Number.NaN)
    for (let slot = 0; slot < this.size; slot++) this.#cells[slot * this.#columns] = DATAPOINT.unjudged
  }

  push(datapoint: Datapoint): void {
    this.#newest = (this.#newest + 1) % this.size
    const at = this.#newest * this.#columns
    this.#cells[at] = datapoint.kind
    this.#cells[at + 1] = datapoint.value
    if (this.#columns !== COLUMNS.banded) return
    this.#cells[at + 2] = datapoint.lower
    this.#cells[at + 3] = datapoint.upper
  }

  /** The newest datapoint's kind and value. */
  get newest(): { readonly kind: DatapointKind; readonly value: number } {
    const at = this.#newest * this.#columns
    return { kind: this.#cells[at] as DatapointKind, value: this.#cells[at + 1] ?? Number.NaN }
  }

  #cell(index: number, column: number): number {
    const slot = (this.#newest + 1 + index) % this.size
    return this.#cells[slot * this.#columns + column] ?? Number.NaN
  }

  /** The kinds, oldest first. */
  kinds(): DatapointKind[] {
    const kinds = new Array<DatapointKind>(this.size)
    const columns = this.#columns
    const oldest = (this.#newest + 1) * columns
    let i = 0
    for (let at = oldest; at < this.#cells.length; at += columns) kinds[i++] = this.#cells[at] as DatapointKind
    for (let at = 0; at < oldest; at += columns) kinds[i++] = this.#cells[at] as DatapointKind
    return kinds
  }

  /** Everything, oldest first; the newest datapoint's period starts at `newestMs`. */
  range(newestMs: number, periodMs: number): EvaluatedRange {
    const column = (from: number) =>
      Array.from({ length: this.size }, (_, i) => (from < this.#columns ? this.#cell(i, from) : Number.NaN))
    return {
      timestampsMs: Array.from({ length: this.size }, (_, i) => newestMs - (this.size - 1 - i) * periodMs),
      kinds: this.kinds(),
      values: column(1),
      lowers: column(2),
      uppers: column(3),
    }
  }

  save(writer: BinaryWriter): void {
    writer.u8(this.#columns)
    writer.u32(this.size)
    for (let i = 0; i < this.size; i++) {
      for (let column = 0; column < this.#columns; column++) writer.f64(this.#cell(i, column))
    }
  }

  /**
   * Reads what `save` wrote, oldest first. A ring of another size keeps the newest datapoints that both have room
   * for; `keep` false reads past them.
   */
  load(reader: BinaryReader, keep: boolean): void {
    const columns = reader.u8()
    const size = reader.u32()
    this.clear()
    for (let i = 0; i < size; i++) {
      const kind = reader.f64() as DatapointKind
      const value = reader.f64()
      const banded = columns === COLUMNS.banded
      const lower = banded ? reader.f64() : Number.NaN
      const upper = banded ? reader.f64() : Number.NaN
      if (keep) this.push({ kind, value, lower, upper })
    }
  }
}
