import type { TimeRange } from '../../core/sample.ts'
import { HttpError } from './http-error.ts'

/** The largest instant that a Date holds, ms. */
const INSTANT_MAX = 8_640_000_000_000_000

/** An instant as a request names it: milliseconds since the epoch or ISO 8601. */
export function parseInstant(text: string, field: string): number {
  const ms = /^-?\d+$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(ms) && Math.abs(ms) <= INSTANT_MAX) return ms
  throw new HttpError('bad_request', `${field} is no instant`, {
    field,
    hint: 'write milliseconds since the epoch, or ISO 8601 as in 2026-03-01T12:00:00Z',
  })
}

export function parseRange(from: string | undefined, to: string | undefined): TimeRange {
  const startMs = from === undefined ? Number.NEGATIVE_INFINITY : parseInstant(from, 'from')
  const endMs = to === undefined ? Number.POSITIVE_INFINITY : parseInstant(to, 'to')
  if (startMs < endMs) return { startMs, endMs }
  throw new HttpError('bad_request', 'to must be after from', { field: 'to' })
}
