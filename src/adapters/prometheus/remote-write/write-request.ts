import { Writer } from 'protobufjs/minimal.js'
import type { Labels } from '../../../core/series.ts'

/** One value at one time of one series of Prometheus, ready to be written. */
export interface WriteSample {
  /** The series' labels, encoded once by `encodeLabels`. */
  readonly labels: Uint8Array
  /** Event time, ms since 1970. */
  readonly timestampMs: number
  /** undefined ends the series here: Prometheus shows nothing after a stale marker, instead of the last value for minutes. */
  readonly value: number | undefined
}

// Field numbers of Prometheus' prompb: WriteRequest.timeseries 1; TimeSeries.labels 1, .samples 2; Label.name 1, .value 2;
// Sample.value 1 (double), .timestamp 2 (int64, ms). A tag is the number shifted by three, and the wire type.
const LENGTH_DELIMITED = 2
const FIXED64 = 1
const VARINT = 0
const tag = (field: number, wireType: number) => (field << 3) | wireType

const TIMESERIES = tag(1, LENGTH_DELIMITED)
const LABELS = tag(1, LENGTH_DELIMITED)
const SAMPLES = tag(2, LENGTH_DELIMITED)
const NAME = tag(1, LENGTH_DELIMITED)
const LABEL_VALUE = tag(2, LENGTH_DELIMITED)
const SAMPLE_VALUE = tag(1, FIXED64)
const TIMESTAMP = tag(2, VARINT)

/** The NaN that Prometheus takes for "no longer there" (value.StaleNaN); an engine may not keep a NaN's bits, so as integers. */
const STALE_NAN = { high: 0x7ff00000, low: 2, unsigned: true }

/**
 * The `labels` fields of a TimeSeries: sorted by name, none without a value, as the specification asks. Names that
 * Prometheus can hold are ASCII, so the order of code units is that of bytes.
 */
export function encodeLabels(labels: Labels): Uint8Array {
  const writer = Writer.create()
  for (const name of Object.keys(labels).sort()) {
    const value = labels[name] ?? ''
    if (value === '') continue
    writer.uint32(LABELS).fork().uint32(NAME).string(name).uint32(LABEL_VALUE).string(value).ldelim()
  }
  return writer.finish()
}

/** A WriteRequest of remote write 1.0, not yet compressed: one TimeSeries a sample, as Prometheus itself sends them. */
export function encodeWriteRequest(samples: readonly WriteSample[]): Uint8Array {
  const writer = Writer.create()
  for (const { labels, timestampMs, value } of samples) {
    writer.uint32(TIMESERIES).fork().raw(labels).uint32(SAMPLES).fork().uint32(SAMPLE_VALUE)
    if (value === undefined) writer.fixed64(STALE_NAN)
    else writer.double(value)
    writer.uint32(TIMESTAMP).int64(timestampMs).ldelim().ldelim()
  }
  return writer.finish()
}
