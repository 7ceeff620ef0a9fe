import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RetryPolicy, retry, retryDelayMs, timerSleep } from '../../../src/runtime/retry.ts'

const POLICY: RetryPolicy = { attempts: 4, baseMs: 100, maxMs: 1_000, retryAfterMaxMs: 5_000 }

function recordedSleeps() {
  const slept: number[] = []
  const sleep = async (durationMs: number) => {
    slept.push(durationMs)
  }
  return { slept, sleep }
}

describe('retryDelayMs', () => {
  it('doubles up to the longest wait', () => {
    expect([1, 2, 3, 4, 5, 6, 99].map((attempt) => retryDelayMs(POLICY, attempt, 1))).toEqual([
      100, 200, 400, 800, 1_000, 1_000, 1_000,
    ])
  })

  it('is at least half of that, and never more, whatever the dice say', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const longest = retryDelayMs(POLICY, attempt, 1)
          const delay = retryDelayMs(POLICY, attempt, random)
          expect(delay).toBeGreaterThanOrEqual(longest / 2)
          expect(delay).toBeLessThanOrEqual(longest)
        },
      ),
    )
  })

  it('waits as long as it is asked to, within reason', () => {
    expect(retryDelayMs(POLICY, 1, 0, 2_000)).toBe(2_000)
    expect(retryDelayMs(POLICY, 1, 0, 86_400_000)).toBe(5_000)
    expect(retryDelayMs(POLICY, 1, 0, 10)).toBe(50)
  })
})

describe('retry', () => {
  it('stops at the first attempt that does not ask for another', async () => {
    const { slept, sleep } = recordedSleeps()
    const result = await retry(async (number) => ({ again: number < 3, value: number }), POLICY, {
      random: () => 0,
      sleep,
    })
    expect(result).toEqual({ end: 'done', value: 3, attempts: 3 })
    expect(slept).toEqual([50, 100])
  })

  it('gives up after the last attempt, without waiting once more', async () => {
    const { slept, sleep } = recordedSleeps()
    const result = await retry(async (number) => ({ again: true, value: number }), POLICY, { random: () => 1, sleep })
    expect(result).toEqual({ end: 'exhausted', value: 4, attempts: 4 })
    expect(slept).toEqual([100, 200, 400])
  })

  it('makes no attempt after an abort', async () => {
    const stop = new AbortController()
    const attempt = async (number: number) => {
      if (number === 2) stop.abort()
      return { again: true, value: number }
    }
    const { sleep } = recordedSleeps()
    const result = await retry(attempt, POLICY, { random: () => 0, sleep, signal: stop.signal })
    expect(result).toEqual({ end: 'aborted', value: 2, attempts: 2 })
  })
})

describe('timerSleep', () => {
  it('wakes up at once when it is told to', async () => {
    const stop = new AbortController()
    const slept = timerSleep(60_000, stop.signal)
    stop.abort()
    await slept
    await timerSleep(60_000, stop.signal)
    await timerSleep(1)
  })
})
