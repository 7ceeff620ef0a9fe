import { LIMITS } from '../core/limits.ts'
import type { MetricKind, Sample } from '../core/sample.ts'
import { type Decoded, type EncodedRecord, found, type Rejection } from './decoder.ts'
import type { DecodeOptions } from './options.ts'
import { type SeriesEntry, SeriesTable } from './series-table.ts'
import { TimestampReader } from './timestamp.ts'

/** One sample's fields as a format found them, not yet checked. */
export interface RawSample {
  readonly name: unknown
  readonly labels: unknown
  readonly timestamp: unknown
  /** A number, or a number's text; NaN is a stale marker. */
  readonly value: unknown
  /** When the format says it. */
  readonly kind: MetricKind | undefined
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const INFINITE = /^[+-]?inf(?:inity)?$/i
const NO_REJECTIONS: readonly Rejection[] = []
const NO_SAMPLES: readonly Sample[] = []

/**
 * Where every format's fields become samples: the only place that checks a name, labels, a time or a value. A format
 * calls `begin`, then `add` (or `reject`) for each thing it finds, then `finish`.
 */
export class SampleSink {
  readonly #series = new SeriesTable()
  readonly #timestamps: TimestampReader
  readonly #maxFutureMs: number
  #latestMs = Number.POSITIVE_INFINITY
  #samples: Sample[] = []
  #rejections: Rejection[] = []

  constructor(options: DecodeOptions) {
    this.#timestamps = new TimestampReader(options.timestampUnit)
    this.#maxFutureMs = options.maxFutureMs
  }

  begin(record: EncodedRecord): void {
    this.#samples = []
    this.#rejections = []
    // Records of the old message format, or of a producer that sets none, carry -1: there is nothing to compare with.
    const now = record.recordTimestampMs
    this.#latestMs = now > 0 ? now + this.#maxFutureMs : Number.POSITIVE_INFINITY
  }

  add(raw: RawSample): void {
    const entry = this.#series.lookup(raw.name, raw.labels, raw.kind)
    if ('reason' in entry) this.#rejections.push(entry)
    else this.addKnown(entry, raw.timestamp, raw.value)
  }

  /** A sample of a series that `seriesOf` gave before. */
  addKnown(entry: SeriesEntry, timestamp: unknown, value: unknown): void {
    const timestampMs = this.#timestamps.read(timestamp)
    const number = numberOf(value)
    if (typeof timestampMs !== 'number') this.reject(at(entry, timestampMs))
    else if (timestampMs > this.#latestMs) this.reject(at(entry, this.#future(timestampMs)))
    else if (typeof number !== 'number') this.reject(at(entry, number))
    else {
      const { series, kind } = entry
      this.#samples.push({ series, timestampMs, value: number, kind, stale: Number.isNaN(number) })
    }
  }

  /** The checked series of some fields, for a format that can recognise it again by its own bytes. */
  seriesOf(name: unknown, labels: unknown, kind: MetricKind | undefined): SeriesEntry | Rejection {
    return this.#series.lookup(name, labels, kind)
  }

  reject(rejection: Rejection): void {
    this.#rejections.push(rejection)
  }

  finish(): Decoded {
    return {
      samples: this.#samples.length > 0 ? this.#samples : NO_SAMPLES,
      rejections: this.#rejections.length > 0 ? this.#rejections : NO_REJECTIONS,
    }
  }

  #future(timestampMs: number): Rejection {
    const aheadMs = timestampMs - this.#latestMs + this.#maxFutureMs
    return {
      reason: 'timestamp_future',
      detail:
        `timestamp ${timestampMs} lies ${aheadMs} ms after its record's, ${this.#maxFutureMs} ms are allowed: ` +
        "set the producer's clock, or raise decode.maxFutureMs",
    }
  }
}

/** A finite number, NaN for a stale marker, or why it is neither. */
function numberOf(value: unknown): number | Rejection {
  if (typeof value === 'number') return Math.abs(value) === Number.POSITIVE_INFINITY ? infinite(value) : value
  if (typeof value === 'string') {
    if (NUMBER.test(value)) {
      const number = Number(value)
      return Number.isFinite(number) ? number : infinite(value)
    }
    if (value === 'NaN') return Number.NaN
    if (INFINITE.test(value)) return infinite(value)
  }
  if (value === undefined || value === null) return { reason: 'value_missing', detail: 'there is no value' }
  return { reason: 'value_invalid', detail: `value ${found(value)} is not a number` }
}

/** Well-formed, and of no use to a model: told apart from what is malformed, so that it can be counted apart. */
function infinite(value: unknown): Rejection {
  return { reason: 'value_infinite', detail: `value ${found(value)} is not finite` }
}

function at(entry: SeriesEntry, rejection: Rejection): Rejection {
  return { reason: rejection.reason, detail: `${entry.series.key.slice(0, 120)}: ${rejection.detail}` }
}

/** The rejection of a record that cannot be read at all, whatever its format; undefined when its bytes are in order. */
export function bytesProblem(value: Uint8Array | null): Rejection | undefined {
  if (value === null || value.length === 0) return { reason: 'empty_record', detail: 'the record has no value' }
  if (value.length > LIMITS.recordBytes) {
    return { reason: 'record_too_large', detail: `${value.length} bytes, ${LIMITS.recordBytes} are allowed` }
  }
  return undefined
}
