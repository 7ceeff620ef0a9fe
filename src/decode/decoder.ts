import type { Sample } from '../core/sample.ts'

/** Why something in a record could not become a sample. Closed: it is a metric label and a dead letter's header. */
export const REJECT_REASONS = [
  'empty_record',
  'record_too_large',
  'not_utf8',
  'not_json',
  'wrong_shape',
  'name_missing',
  'name_invalid',
  'name_too_long',
  'labels_invalid',
  'too_many_labels',
  'label_too_long',
  'kind_invalid',
  'timestamp_missing',
  'timestamp_invalid',
  'timestamp_unit',
  'timestamp_future',
  'value_missing',
  'value_invalid',
  'value_infinite',
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

const DETAIL_CHARS = 80

/** What was found, for a rejection's detail: JSON where that is possible, never longer than a line. */
export function found(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, DETAIL_CHARS)) : describe(value)
  return text.length > DETAIL_CHARS ? `${text.slice(0, DETAIL_CHARS - 1)}…` : text
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return `an object with ${Object.keys(value).length} keys`
  return String(value)
}
