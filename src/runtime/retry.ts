/** How often and how patiently something is tried again. */
export interface RetryPolicy {
  /** Attempts in all, the first one too. */
  readonly attempts: number
  /** The longest wait before the second attempt; it doubles with each further one. */
  readonly baseMs: number
  /** No wait of our own choosing is longer. */
  readonly maxMs: number
  /** A receiver's Retry-After is honoured up to here: one bad header must not park an alert for a day. */
  readonly retryAfterMaxMs: number
}

/** Ten attempts over about twenty minutes. */
export const RETRY_DEFAULTS: RetryPolicy = {
  attempts: 10,
  baseMs: 1_000,
  maxMs: 300_000,
  retryAfterMaxMs: 3_600_000,
}

/** Waits; resolves early, without an error, when the signal aborts. */
export type Sleep = (durationMs: number, signal?: AbortSignal) => Promise<void>

/** What one attempt came to: `again` asks for another one. */
export interface Attempt<T> {
  readonly again: boolean
  readonly value: T
  /** What the other side asked to wait. */
  readonly retryAfterMs?: number | undefined
}

export interface RetryTools {
  /** Uniform over [0, 1). */
  readonly random: () => number
  readonly sleep: Sleep
  readonly signal?: AbortSignal
}

export interface Retried<T> {
  /** `done`: an attempt did not ask for another. `exhausted`: all did. `aborted`: told to stop before an attempt. */
  readonly end: 'done' | 'exhausted' | 'aborted'
  /** Of the last attempt; undefined when aborted before the first. */
  readonly value: T | undefined
  readonly attempts: number
}

/**
 * How long to wait after the given failed attempt (1 is the first): exponential, with the half of it random, so that
 * senders that failed together do not come back together, and yet none comes back at once. A longer Retry-After wins.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number, retryAfterMs = 0): number {
  // 2^30 is beyond any sensible maxMs, and keeps the product finite.
  const ceiling = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30))
  const asked = Math.min(Math.max(0, retryAfterMs), policy.retryAfterMaxMs)
  return Math.max(ceiling / 2 + (ceiling / 2) * random, asked)
}

/** Attempts until one does not ask for another, the policy's attempts are used up, or the signal aborts. */
export async function retry<T>(
  attempt: (number: number) => Promise<Attempt<T>>,
  policy: RetryPolicy,
  tools: RetryTools,
): Promise<Retried<T>> {
  let last: T | undefined
  for (let made = 1; ; made++) {
    if (tools.signal?.aborted === true) return { end: 'aborted', value: last, attempts: made - 1 }
    const { again, value, retryAfterMs } = await attempt(made)
    if (!again) return { end: 'done', value, attempts: made }
    last = value
    if (made >= policy.attempts) return { end: 'exhausted', value, attempts: made }
    await tools.sleep(retryDelayMs(policy, made, tools.random(), retryAfterMs), tools.signal)
  }
}

/** The timers of the machine. */
export const timerSleep: Sleep = (durationMs, signal) =>
  new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const wake = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, durationMs)
    signal?.addEventListener('abort', wake, { once: true })
  })
