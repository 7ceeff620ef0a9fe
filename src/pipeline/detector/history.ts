import type { ForestScores } from '../../band/evidence.ts'
import type { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import type { TimeRange } from '../../core/sample.ts'

/** A period as it was learned. */
export interface LearnedPeriod {
  readonly timestampMs: number
  /** Shape [inputs]. */
  readonly values: Float64Array
  /** What the forests said of it then; undefined when they were not asked. */
  readonly scores: ForestScores | undefined
  /** Its number in the forests. */
  readonly forestPeriod: number
  readonly evidence: number
  /** False when a rule let the period pass whatever its evidence. */
  readonly allowed: boolean
}

const FIXED_COLUMNS = 6
const NONE = new Uint8Array(0)
/** Rows that there is room for at first; it grows by a half, for a fleet's series grow together. */
const FIRST_ROWS = 16

/**
 * The last periods that were learned, with the statistics as they were before the first of them: enough to learn them
 * again without some. Two halves: when both are full, the older one is let go, and the statistics kept at the middle
 * become those of the beginning. A row is timestamp, evidence, allowed,
 * forest period, two scores, values.
 */
export class History {
  readonly #half: number
  readonly #width: number
  #rows: Float64Array
  #count = 0
  readonly #blank: () => Uint8Array
  /** Undefined: blank. A series begins with statistics that are the same for all, and need not be kept. */
  #base: Uint8Array | undefined
  #middle: Uint8Array | undefined

  /** Holds `half` .. 2 x `half` periods; `blank` makes the statistics before anything was learned. */
  constructor(half: number, inputs: number, blank: () => Uint8Array) {
    this.#half = half
    this.#width = FIXED_COLUMNS + inputs
    this.#rows = new Float64Array(this.#width * Math.min(FIRST_ROWS, 2 * half))
    this.#blank = blank
  }

  /** The statistics before the first period that is held. */
  get base(): Uint8Array {
    return this.#base ?? this.#blank()
  }

  get count(): number {
    return this.#count
  }

  /** Appends a period; `statistics` gives the present ones, and is called once a half. */
  append(period: LearnedPeriod, statistics: () => Uint8Array): void {
    const at = this.#count * this.#width
    if (at === this.#rows.length) {
      const rows = Math.min(Math.ceil(this.#count * 1.5), 2 * this.#half)
      const grown = new Float64Array(rows * this.#width)
      grown.set(this.#rows)
      this.#rows = grown
    }
    const rows = this.#rows
    rows[at] = period.timestampMs
    rows[at + 1] = period.evidence
    rows[at + 2] = period.allowed ? 1 : 0
    rows[at + 3] = period.forestPeriod
    rows[at + 4] = period.scores?.value ?? Number.NaN
    rows[at + 5] = period.scores?.dynamics ?? Number.NaN
    rows.set(period.values, at + FIXED_COLUMNS)
    this.#count++
    if (this.#count === this.#half) this.#middle = statistics()
    else if (this.#count === 2 * this.#half) this.#letGo(statistics())
  }

  #letGo(present: Uint8Array): void {
    this.#rows.copyWithin(0, this.#half * this.#width, this.#count * this.#width)
    this.#count = this.#half
    this.#base = this.#middle ?? this.#base
    this.#middle = present
  }

  period(index: number): LearnedPeriod {
    const at = index * this.#width
    const [timestampMs = 0, evidence = 0, allowed = 0, forestPeriod = 0, value = 0, dynamics = 0] = this.#rows.subarray(
      at,
      at + FIXED_COLUMNS,
    )
    const values = this.#rows.slice(at + FIXED_COLUMNS, at + this.#width)
    const scores = Number.isNaN(value) ? undefined : { value, dynamics }
    return { timestampMs, values, scores, forestPeriod, evidence, allowed: allowed === 1 }
  }

  /** The held periods in the range, oldest first. */
  within(range: TimeRange): LearnedPeriod[] {
    const found: LearnedPeriod[] = []
    for (let i = 0; i < this.#count; i++) {
      const timestampMs = this.#rows[i * this.#width] ?? 0
      if (timestampMs >= range.startMs && timestampMs < range.endMs) found.push(this.period(i))
    }
    return found
  }

  /**
   * The numbers that the forests gave to the periods in the range, [from, to); also of those before what is held, as
   * far as they can be counted back. Undefined when nothing of the range was learned.
   */
  forestPeriods(range: TimeRange, periodMs: number): { readonly from: number; readonly to: number } | undefined {
    if (this.#count === 0) return undefined
    const oldest = this.period(0)
    const held = this.within(range)
    const earlier = range.startMs < oldest.timestampMs
    const back = (timestampMs: number) =>
      Math.max(0, oldest.forestPeriod - Math.round((oldest.timestampMs - timestampMs) / periodMs))
    const from = earlier ? back(range.startMs) : held[0]?.forestPeriod
    const last = held.at(-1)?.forestPeriod
    const to = last === undefined ? (earlier ? back(range.endMs) : undefined) : last + 1
    return from === undefined || to === undefined || to <= from ? undefined : { from, to }
  }

  /** Keeps the periods outside the range only; `learn` learns each again and gives its evidence. */
  without(range: TimeRange, learn: (period: LearnedPeriod) => number, statistics: () => Uint8Array): void {
    const kept: LearnedPeriod[] = []
    for (let i = 0; i < this.#count; i++) {
      const period = this.period(i)
      if (period.timestampMs < range.startMs || period.timestampMs >= range.endMs) kept.push(period)
    }
    this.#count = 0
    this.#middle = undefined
    for (const period of kept) this.append({ ...period, evidence: learn(period) }, statistics)
  }

  /** Lets all periods go: what comes is learned on top of these statistics. */
  restart(base: Uint8Array): void {
    this.#count = 0
    this.#middle = undefined
    this.#base = base
  }

  get byteSize(): number {
    return this.#rows.byteLength + (this.#base?.byteLength ?? 0) + (this.#middle?.byteLength ?? 0)
  }

  save(writer: BinaryWriter): void {
    writer.u32(this.#count)
    writer.array(this.#rows.subarray(0, this.#count * this.#width))
    writer.bytes(this.#base ?? NONE)
    writer.bytes(this.#middle ?? NONE)
  }

  load(reader: BinaryReader): void {
    this.#count = reader.u32()
    const rows = reader.f64Array()
    if (rows.length > this.#rows.length) this.#rows = rows
    else this.#rows.set(rows)
    const base = reader.bytes()
    // The first version wrote the blank ones out.
    const isBlank = base.length === 0 || (reader.version === 1 && sameBytes(base, this.#blank()))
    this.#base = isBlank ? undefined : base
    const middle = reader.bytes()
    this.#middle = middle.length === 0 ? undefined : middle
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
