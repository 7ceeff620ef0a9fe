import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClockTicks } from '../../../src/runtime/clock-ticks.ts'

const NOW = 1_770_000_000_000

function ticksAt(...offsets: bigint[]): ClockTicks {
  const ticks = new ClockTicks()
  for (const [i, offset] of offsets.entries()) ticks.add({ offset, eventMs: NOW + i })
  return ticks
}

describe('ClockTicks', () => {
  it('keeps one tick a place, the latest', () => {
    expect(ticksAt(5n, 5n, 9n).from(0n)).toEqual([
      { offset: 5n, eventMs: NOW + 1 },
      { offset: 9n, eventMs: NOW + 2 },
    ])
    expect(ticksAt(5n, 9n).from(10n)).toEqual([])
  })

  it('forgets what no replay can need, but never the newest', () => {
    const ticks = ticksAt(5n, 9n, 12n)
    ticks.forgetBefore(9n)
    expect(ticks.from(0n).map(({ offset }) => offset)).toEqual([9n, 12n])
    ticks.forgetBefore(1_000n)
    expect(ticks.from(0n).map(({ offset }) => offset)).toEqual([12n])
  })

  it('comes back from its text', () => {
    const tick = fc.record({
      offset: fc.bigInt({ min: 0n, max: 2n ** 63n }),
      eventMs: fc.nat({ max: 4_000_000_000_000 }),
    })
    fc.assert(
      fc.property(fc.array(tick), (list) => {
        const ticks = new ClockTicks(list)
        expect(ClockTicks.decode(ticks.encode()).from(0n)).toEqual(list)
      }),
    )
  })

  it('stays small beside an offset', () => {
    const ticks = new ClockTicks()
    for (let i = 0n; !ticks.areMany; i++) ticks.add({ offset: 2n ** 60n + i, eventMs: NOW })
    expect(ticks.encode().length).toBeLessThan(1_500)
  })

  it('names what it cannot read', () => {
    expect(() => ClockTicks.decode('5:a,nonsense')).toThrow(/nonsense is no tick/)
  })
})
