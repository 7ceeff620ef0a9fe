import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { LIMITS } from '../core/limits.ts'
import { Aggregate, type CounterBase, READINGS, type Reading } from './aggregate.ts'
import type { ResolvedWindowOptions } from './options.ts'
import { QuantileSketch } from './quantile-sketch.ts'

/** What became of a sample that its bucket was given. */
export type BucketOutcome = 'accepted' | 'duplicate' | 'replaced' | 'late'

/**
 * The open bucket of one period. Samples are kept one by one in the order of their times, so that what comes out of
 * order or twice changes nothing. Beyond LIMITS.samplesPerBucket the older half is folded into an aggregate; what then
 * comes for the folded part is late.
 */
export class Bucket {
  readonly startMs: number
  readonly #reading: Reading
  /** Time, value, time, value, ... in ascending time: one array, as most buckets hold one sample or a few. */
  #recent: number[] = []
  #folded: Aggregate | undefined
  #foldedMs = Number.NEGATIVE_INFINITY

  constructor(startMs: number, reading: Reading) {
    this.startMs = startMs
    this.#reading = reading
  }

  /** A second value for the same instant replaces the first, whichever of them is right: the newest word counts. */
  add(timestampMs: number, value: number, options: ResolvedWindowOptions): BucketOutcome {
    const recent = this.#recent
    if (recent.length === 0 && this.#folded === undefined) {
      this.#recent = [timestampMs, value]
      return 'accepted'
    }
    if (timestampMs <= this.#foldedMs) return 'late'
    let at = recent.length
    while (at > 0 && recent[at - 2]! > timestampMs) at -= 2
    if (at > 0 && recent[at - 2] === timestampMs) {
      if (recent[at - 1] === value) return 'duplicate'
      recent[at - 1] = value
      return 'replaced'
    }
    if (at === recent.length) recent.push(timestampMs, value)
    else recent.splice(at, 0, timestampMs, value)
    if (recent.length >= 2 * LIMITS.samplesPerBucket) this.#fold(options)
    return 'accepted'
  }

  /** Time of the newest sample. */
  get newestMs(): number {
    return this.#recent.at(-2) ?? Number.NEGATIVE_INFINITY
  }

  #fold(options: ResolvedWindowOptions): void {
    const percentile = options.parsed.kind === 'Percentile'
    this.#folded ??= new Aggregate(this.#reading, percentile ? new QuantileSketch() : 'none')
    const half = LIMITS.samplesPerBucket
    for (let i = 0; i < half; i += 2) this.#folded.add(this.#recent[i]!, this.#recent[i + 1]!)
    this.#foldedMs = this.#recent[half - 2]!
    this.#recent = this.#recent.slice(half)
  }

  /** Ends the bucket: its statistic, how many samples it is made of, and the base for the next one. */
  close(base: CounterBase | undefined, options: ResolvedWindowOptions): ClosedBucket {
    const exact = options.parsed.kind === 'Percentile' ? 'exact' : 'none'
    const aggregate = this.#folded ?? new Aggregate(this.#reading, exact)
    for (let i = 0; i < this.#recent.length; i += 2) aggregate.add(this.#recent[i]!, this.#recent[i + 1]!)
    const value = aggregate.finish(options.parsed, base, options.periodMs)
    const next = this.#reading === 'cumulative' ? aggregate.base : undefined
    return { value, sampleCount: aggregate.count, base: next }
  }

  save(writer: BinaryWriter): void {
    writer.f64(this.startMs)
    writer.u8(READINGS.indexOf(this.#reading))
    writer.array(Float64Array.from(this.#recent))
    writer.f64(this.#foldedMs)
    writer.bool(this.#folded !== undefined)
    this.#folded?.save(writer)
  }

  static load(reader: BinaryReader): Bucket {
    const startMs = reader.f64()
    const bucket = new Bucket(startMs, READINGS[reader.u8()]!)
    bucket.#recent = Array.from(reader.f64Array())
    bucket.#foldedMs = reader.f64()
    if (reader.bool()) bucket.#folded = Aggregate.load(reader)
    return bucket
  }
}

export interface ClosedBucket {
  readonly value: number
  readonly sampleCount: number
  readonly base: CounterBase | undefined
}
