import type { Sample } from '../core/sample.ts'

/** Why something in a record could not become a sample. Closed: it is a metric label and a dead letter's header. */
export const REJECT_REASONS = [
  'empty_record',
  'record_too_large',
  'not_utf8',
  'not_json',
  'wrong_shape',
  'name_missing',
  'name_too_long',
  'labels_invalid',
  'too_many_labels',
  'label_too_long',
  'timestamp_missing',
  'timestamp_invalid',
  'timestamp_unit',
  'timestamp_future',
  'value_missing',
  'value_invalid',
  'too_many_samples',
] as const

export type RejectReason = (typeof REJECT_REASONS)[number]

export interface Rejection {
  readonly reason: RejectReason
  /** Names the field and what was found, shortened; for people. */
  readonly detail: string
}

/** A record as it came: its value and when Kafka says it was made. */
export interface EncodedRecord {
  readonly value: Uint8Array | null
  /** Kafka's record timestamp, ms: used when the format carries none, and as "now" for the guard against the future. */
  readonly recordTimestampMs: number
}

export interface Decoded {
  readonly samples: readonly Sample[]
  readonly rejections: readonly Rejection[]
}

/** One wire format. Pure, never throws on bad input: a record gives samples, rejections, or some of both. */
export interface Decoder {
  readonly format: string
  decode(record: EncodedRecord): Decoded
}
