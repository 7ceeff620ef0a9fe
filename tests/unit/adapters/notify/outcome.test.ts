import { describe, expect, it } from 'vitest'
import { outcomeOfError, outcomeOfStatus, parseRetryAfter } from '../../../../src/adapters/notify/outcome.ts'
import { ForbiddenAddressError } from '../../../../src/adapters/notify/ssrf-guard.ts'

const NOW_MS = Date.UTC(2026, 2, 2, 10)
const of = (status: number, retryAfter?: string) => outcomeOfStatus(status, retryAfter, NOW_MS)

describe('outcomeOfStatus', () => {
  it.each([200, 201, 202, 204])('%i is delivered', (status) => {
    expect(of(status)).toMatchObject({ kind: 'delivered', status })
  })

  it.each([
    [301, 'redirected'],
    [307, 'redirected'],
    [400, 'client_error'],
    [401, 'client_error'],
    [404, 'client_error'],
  ])('%i is final: %s', (status, reason) => {
    expect(of(status)).toMatchObject({ kind: 'refused', reason })
    expect(of(status)).not.toHaveProperty('disable')
  })

  it('410 disables', () => {
    expect(of(410)).toMatchObject({ kind: 'refused', reason: 'gone', disable: true })
  })

  it.each([
    [408, 'timeout'],
    [425, 'server_error'],
    [429, 'rate_limited'],
    [500, 'server_error'],
    [503, 'server_error'],
  ])('%i may pass: %s', (status, reason) => {
    expect(of(status)).toMatchObject({ kind: 'retry', reason })
  })

  it('keeps what the receiver asks to wait', () => {
    expect(of(503, '120')).toMatchObject({ retryAfterMs: 120_000 })
    expect(of(503)).not.toHaveProperty('retryAfterMs')
  })
})

describe('parseRetryAfter', () => {
  it('takes seconds and dates', () => {
    expect(parseRetryAfter('7', NOW_MS)).toBe(7_000)
    expect(parseRetryAfter('Mon, 02 Mar 2026 10:00:30 GMT', NOW_MS)).toBe(30_000)
    expect(parseRetryAfter('Mon, 02 Mar 2026 09:00:00 GMT', NOW_MS)).toBe(0)
    expect(parseRetryAfter('soon', NOW_MS)).toBeUndefined()
    expect(parseRetryAfter(undefined, NOW_MS)).toBeUndefined()
  })
})

describe('outcomeOfError', () => {
  it('finds the guard under the error of the client', () => {
    const thrown = new Error('fetch failed', { cause: new ForbiddenAddressError('10.0.0.1 is not a public address') })
    expect(outcomeOfError(thrown)).toMatchObject({ kind: 'refused', reason: 'refused_by_policy' })
  })

  it('tells timeouts from everything else, and never repeats a message with the URL in it', () => {
    expect(outcomeOfError(new DOMException('aborted', 'TimeoutError'))).toMatchObject({ reason: 'timeout' })
    expect(outcomeOfError(Object.assign(new Error('x'), { code: 'UND_ERR_CONNECT_TIMEOUT' }))).toMatchObject({
      kind: 'retry',
      reason: 'timeout',
    })
    expect(outcomeOfError(Object.assign(new Error('connect to http://x/token'), { code: 'ECONNRESET' }))).toEqual({
      kind: 'retry',
      reason: 'unreachable',
      detail: 'ECONNRESET',
    })
    expect(outcomeOfError('text')).toMatchObject({ reason: 'unreachable', detail: 'text' })
  })
})
