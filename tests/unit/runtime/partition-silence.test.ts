import { describe, expect, it } from 'vitest'
import { PartitionSilence } from '../../../src/runtime/partition-silence.ts'

const NOW = 1_770_000_000_000
const MINUTE = 60_000

function live(delayMs = 20_000): PartitionSilence {
  const silence = new PartitionSilence({ silenceMs: 3 * MINUTE, periodMs: MINUTE })
  silence.heard(NOW, NOW - delayMs)
  return silence
}

describe('PartitionSilence', () => {
  it('waits, then lets time go on as far behind the clock as the records were, and the patience behind that', () => {
    const silence = live()
    expect(silence.passedMs(NOW + 3 * MINUTE - 1)).toBeUndefined()
    expect(silence.passedMs(NOW + 5 * MINUTE)).toBe(NOW + 2 * MINUTE - 20_000)
    silence.heard(NOW + 6 * MINUTE, NOW + 6 * MINUTE)
    expect(silence.passedMs(NOW + 8 * MINUTE)).toBeUndefined()
  })

  it('says nothing of history, of a partition that never spoke, or when it is not asked to', () => {
    expect(live(2 * 3_600_000).passedMs(NOW + 3_600_000)).toBeUndefined()
    const never = new PartitionSilence({ silenceMs: MINUTE, periodMs: MINUTE })
    never.heard(NOW, Number.NEGATIVE_INFINITY)
    expect(never.passedMs(NOW + 3_600_000)).toBeUndefined()
    const off = new PartitionSilence({ silenceMs: undefined, periodMs: MINUTE })
    off.heard(NOW, NOW)
    expect(off.passedMs(NOW + 3_600_000)).toBeUndefined()
    expect(off.keptWith('')).toBe('')
  })

  it('goes on after a restart without a single new record', () => {
    const before = live()
    before.ticked({ offset: 7n, eventMs: NOW })
    const after = new PartitionSilence({ silenceMs: 3 * MINUTE, periodMs: MINUTE })
    after.restore(before.keptWith('{"checkpoints":[]}'), 5n, NOW + MINUTE)
    expect(after.passedMs(NOW + 2 * MINUTE)).toBeUndefined()
    expect(after.passedMs(NOW + 4 * MINUTE)).toBe(NOW + MINUTE - 20_000)
  })

  it('replays its ticks in their places, once', () => {
    const before = live()
    for (const offset of [3n, 7n, 9n]) before.ticked({ offset, eventMs: NOW })
    const after = new PartitionSilence({ silenceMs: MINUTE, periodMs: MINUTE })
    after.restore(before.keptWith(''), 5n, NOW)
    expect(after.nextReplay).toBe(7n)
    expect([...after.replayThrough(6n)]).toEqual([])
    expect([...after.replayThrough(9n)].map(({ offset }) => offset)).toEqual([7n, 9n])
    expect(after.nextReplay).toBeUndefined()
  })

  it('leaves metadata that is not its own alone', () => {
    const silence = new PartitionSilence({ silenceMs: MINUTE, periodMs: MINUTE })
    for (const foreign of ['', 'something else', 'null', '[]']) silence.restore(foreign, 0n, NOW)
    expect(silence.keptWith('{"a":1}')).toBe('{"a":1}')
    expect(JSON.parse(live().keptWith('{"a":1}'))).toEqual({ a: 1, delayMs: 20_000 })
  })
})
