import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { LIMITS } from '../core/limits.ts'
import type { MetricKind } from '../core/sample.ts'
import { type CounterBase, readingOf } from './aggregate.ts'
import { Bucket } from './bucket.ts'
import { periodStart, type ResolvedWindowOptions } from './options.ts'

/**
 * What became of a sample. Closed: it is a metric label.
 * accepted, replaced (same time, another value) and duplicate (same time and value) are in order; late came after its
 * period was closed; too_far_ahead would need more open periods than are allowed; expired was not taken: the series has
 * been silent for too long and starts anew; stale ended the series.
 */
export const OFFER_OUTCOMES = [
  'accepted',
  'replaced',
  'duplicate',
  'late',
  'too_far_ahead',
  'expired',
  'stale',
] as const
export type OfferOutcome = (typeof OFFER_OUTCOMES)[number]

/** One period of one series. */
export interface ClosedPeriod {
  readonly startMs: number
  /** NaN when the period is missing and nothing stands in for it. */
  readonly value: number
  /** False when the value was imputed or is missing. */
  readonly observed: boolean
  /** Samples in the period: 0 when none came. */
  readonly sampleCount: number
}

/**
 * The periods of one series, from its first sample on; those without samples are missing, but for the silence after a
 * stale marker, which is no data at all.
 *
 * Whether a sample is late depends on the watermark at the sample, which is handed in, and not on which periods happen
 * to be closed already. So the same samples give the same periods whenever `closeNext` is called between them.
 */
export class SeriesWindow {
  readonly #options: ResolvedWindowOptions
  /** In ascending time; seldom more than two. */
  #open: Bucket[] = []
  /** Start of the next period to close; NaN before the first sample. */
  #nextMs = Number.NaN
  /** Start of the newest period with a sample. */
  #newestMs = Number.NEGATIVE_INFINITY
  /** Time of a stale marker that no later sample has undone. */
  #endedMs = Number.POSITIVE_INFINITY
  /** Silences between an end and a return that are not closed yet: start, end, start, end, ... */
  #silences: number[] = []
  #base: CounterBase | undefined
  #previous = Number.NaN

  constructor(options: ResolvedWindowOptions) {
    this.#options = options
  }

  /** True until a sample was taken: nothing of the window need be kept. */
  get isEmpty(): boolean {
    return Number.isNaN(this.#nextMs)
  }

  /** True when, at this watermark, the series has been silent for so long that it is to be forgotten. */
  isExpired(watermarkMs: number): boolean {
    return watermarkMs >= this.#expiresMs()
  }

  #expiresMs(): number {
    return this.isEmpty
      ? Number.POSITIVE_INFINITY
      : this.#newestMs + this.#options.periodMs + this.#options.expireAfterMs
  }

  /** `watermarkMs` is the partition's watermark after it observed this sample. */
  offer(timestampMs: number, value: number, kind: MetricKind, watermarkMs: number): OfferOutcome {
    const { periodMs, expireAfterMs } = this.#options
    const startMs = periodStart(timestampMs, periodMs)
    if (this.isExpired(watermarkMs)) return 'expired'
    if (startMs + periodMs <= watermarkMs) return 'late'
    if (!this.isEmpty && startMs - this.#newestMs > expireAfterMs) return 'too_far_ahead'
    const bucket = this.#bucketAt(startMs, kind, watermarkMs)
    if (bucket === undefined) return 'too_far_ahead'
    const outcome = bucket.add(timestampMs, value, this.#options)
    if (outcome === 'late') return outcome
    if (!(this.#nextMs <= startMs)) this.#nextMs = startMs
    if (startMs > this.#newestMs) this.#newestMs = startMs
    if (timestampMs > this.#endedMs) {
      this.#silences.push(periodStart(this.#endedMs, periodMs), startMs)
      this.#endedMs = Number.POSITIVE_INFINITY
    }
    return outcome
  }

  /** Undefined when one more would be too many. Buckets that the watermark has passed do not count: they may be gone. */
  #bucketAt(startMs: number, kind: MetricKind, watermarkMs: number): Bucket | undefined {
    const open = this.#open
    let at = open.length
    while (at > 0 && open[at - 1]!.startMs > startMs) at--
    if (at > 0 && open[at - 1]!.startMs === startMs) return open[at - 1]
    let ahead = 0
    for (const bucket of open) if (bucket.startMs + this.#options.periodMs > watermarkMs) ahead++
    if (ahead >= LIMITS.openBucketsPerSeries) return undefined
    const bucket = new Bucket(startMs, readingOf(this.#options.counter, kind))
    open.splice(at, 0, bucket)
    return bucket
  }

  /**
   * A stale marker: the series was deliberately ended. Its silence from this period on is not missing data, until a
   * sample comes again: the periods between are never emitted.
   */
  endSeries(timestampMs: number, watermarkMs: number): OfferOutcome {
    const startMs = periodStart(timestampMs, this.#options.periodMs)
    if (this.isExpired(watermarkMs)) return 'expired'
    if (startMs + this.#options.periodMs <= watermarkMs) return 'late'
    // A marker that was overtaken by a later sample ends nothing.
    const newest = this.#open.at(-1)
    const overtaken = startMs < this.#newestMs || (newest !== undefined && newest.newestMs > timestampMs)
    if (!overtaken) this.#endedMs = timestampMs
    return 'stale'
  }

  /** The end of the next period to close: the watermark at which `closeNext` has something to do, or Infinity. */
  get nextCloseMs(): number {
    const { periodMs } = this.#options
    if (this.isEmpty) return Number.POSITIVE_INFINITY
    const endMs = this.#nextMs + periodMs
    if (this.#open.length > 0) return endMs
    const silent = this.#nextMs >= periodStart(this.#endedMs, periodMs) || endMs > this.#expiresMs()
    return silent ? Number.POSITIVE_INFINITY : endMs
  }

  /** The next of the periods that ended at or before the watermark; undefined once every one of them was given. */
  closeNext(watermarkMs: number): ClosedPeriod | undefined {
    while (this.nextCloseMs <= watermarkMs) {
      const startMs = this.#nextMs
      this.#nextMs += this.#options.periodMs
      const bucket = this.#open[0]?.startMs === startMs ? this.#open.shift() : undefined
      if (bucket !== undefined) return this.#close(bucket)
      if (!this.#isSilent(startMs)) return this.#missing(startMs, 0)
    }
    return undefined
  }

  #close(bucket: Bucket): ClosedPeriod {
    const { value, sampleCount, base } = bucket.close(this.#base, this.#options)
    this.#base = base
    if (!Number.isFinite(value)) return this.#missing(bucket.startMs, sampleCount)
    this.#previous = value
    return { startMs: bucket.startMs, value, observed: true, sampleCount }
  }

  #missing(startMs: number, sampleCount: number): ClosedPeriod {
    const { missing } = this.#options
    const value = missing === 'zero' ? 0 : missing === 'previous' ? this.#previous : Number.NaN
    return { startMs, value, observed: false, sampleCount }
  }

  /** True in a silence between a stale marker and a return. */
  #isSilent(startMs: number): boolean {
    const silences = this.#silences
    while (silences.length > 0 && silences[1]! <= startMs) silences.splice(0, 2)
    return silences.length > 0 && silences[0]! <= startMs
  }

  save(writer: BinaryWriter): void {
    const base = this.#base ?? { timestampMs: Number.NaN, value: Number.NaN }
    const numbers = [this.#nextMs, this.#newestMs, this.#endedMs, this.#previous, base.timestampMs, base.value]
    for (const number of numbers) writer.f64(number)
    writer.array(Float64Array.from(this.#silences))
    writer.u32(this.#open.length)
    for (const bucket of this.#open) bucket.save(writer)
  }

  static load(reader: BinaryReader, options: ResolvedWindowOptions): SeriesWindow {
    const window = new SeriesWindow(options)
    window.#nextMs = reader.f64()
    window.#newestMs = reader.f64()
    window.#endedMs = reader.f64()
    window.#previous = reader.f64()
    const base = { timestampMs: reader.f64(), value: reader.f64() }
    if (!Number.isNaN(base.timestampMs)) window.#base = base
    window.#silences = Array.from(reader.f64Array())
    const open = reader.u32()
    for (let i = 0; i < open; i++) window.#open.push(Bucket.load(reader))
    return window
  }
}
