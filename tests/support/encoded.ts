import type { EncodedRecord } from '../../src/decode/decoder.ts'

/** 14 November 2023, a Tuesday, 22:13:20 UTC: the "now" of records in tests. */
export const RECORD_MS = 1_700_000_000_000

/** A record of a text, or of anything as JSON. */
export function encoded(value: unknown, recordTimestampMs = RECORD_MS): EncodedRecord {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return { value: new TextEncoder().encode(text), recordTimestampMs }
}
