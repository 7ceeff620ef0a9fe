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
  #base: Uint8Array
  #middle: Uint8Array | undefined

  /** Holds `half` .. 2 x `half` periods; `base` are the statistics before anything was learned. */
  constructor(half: number, inputs: number, base: Uint8Array) {
    this.#half = half
    this.#width = FIXED_COLUMNS + inputs
    this.#rows = new Float64Array(this.#width * 32)
    this.#base = base
  }

  /** The statistics before the first period that is held. */
  get base(): Uint8Array {
    return this.#base
  }

  get count(): number {
    return this.#count
  }

  /** Appends a period; `statistics` gives the present ones, and is called once a half. */
  append(period: LearnedPeriod, statistics: () => Uint8Array): void {
    const at = this.#count * this.#width
    if (at === this.#rows.length) {
      const grown = new Float64Array(Math.min(this.#rows.length * 2, this.#width * this.#half * 2))
      grown.set(this.#rows)
      this.#rows = grown
    }
    const { scores } = period
    const none = Number.NaN
    const row = [scores?.value ?? none, scores?.dynamics ?? none, ...period.values]
    this.#rows.set([period.timestampMs, period.evidence, period.allowed ? 1 : 0, period.forestPeriod, ...row], at)
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
    return this.#rows.byteLength + this.#base.byteLength + (this.#middle?.byteLength ?? 0)
  }

  save(writer: BinaryWriter): void {
    writer.u32(this.#count)
    writer.array(this.#rows.subarray(0, this.#count * this.#width))
    writer.bytes(this.#base)
    writer.bytes(this.#middle ?? new Uint8Array(0))
  }

  load(reader: BinaryReader): void {
    this.#count = reader.u32()
    const rows = reader.f64Array()
    let size = this.#rows.length
    while (size < rows.length) size = Math.min(size * 2, this.#width * this.#half * 2)
    this.#rows = new Float64Array(size)
    this.#rows.set(rows)
    this.#base = reader.bytes()
    const middle = reader.bytes()
    this.#middle = middle.length === 0 ? undefined : middle
  }
}
