import type { DeliveryOutcome } from '../../runtime/notifier.ts'
import { ForbiddenAddressError } from './ssrf-guard.ts'

/**
 * What a receiver's answer means. Only 2xx is success. A redirect is a misconfiguration and never followed. Of the
 * 4xx, only those that speak of time are worth another attempt, and 410 ends the channel.
 */
export function outcomeOfStatus(status: number, retryAfter: string | undefined, nowMs: number): DeliveryOutcome {
  const detail = `the receiver answered ${status}`
  if (status >= 200 && status < 300) return { kind: 'delivered', status, detail }
  if (status >= 300 && status < 400) return { kind: 'refused', reason: 'redirected', status, detail }
  if (status === 410) return { kind: 'refused', reason: 'gone', status, detail, disable: true }
  const reason = status === 429 ? 'rate_limited' : status === 408 ? 'timeout' : 'server_error'
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(retryAfter, nowMs)
    return { kind: 'retry', reason, status, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  }
  return { kind: 'refused', reason: 'client_error', status, detail }
}

/** Retry-After is a number of seconds or a date. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

/** What a failed request means: a forbidden address stays forbidden, everything else may pass. */
export function outcomeOfError(thrown: unknown): DeliveryOutcome {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof ForbiddenAddressError) {
      return { kind: 'refused', reason: 'refused_by_policy', detail: error.message }
    }
    if (error.name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(codeOf(error))) {
      return { kind: 'retry', reason: 'timeout', detail: 'the receiver did not answer in time' }
    }
  }
  const detail = thrown instanceof Error ? codeOf(thrown) || thrown.message : String(thrown)
  return { kind: 'retry', reason: 'unreachable', detail }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
