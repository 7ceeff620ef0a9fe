import { describe, expect, it } from 'vitest'
import { CatchUpClock } from '../../../../src/cli/run/catching-up.ts'

describe('CatchUpClock', () => {
  it('says how long it takes at the pace of late', () => {
    const clock = new CatchUpClock()
    expect(clock.observe(0, 1_000_000)).toEqual({ lag: 1_000_000, left: undefined })
    expect(clock.observe(10_000, 900_000)).toEqual({ lag: 900_000, left: '90s' })
    for (let i = 2; i <= 8; i++) clock.observe(10_000 * i, 900_000 - 1_000 * i)
    expect(clock.observe(90_000, 891_000)?.left).toMatch(/^\d+m$|h/)
  })

  it('promises no end while it comes no nearer, and is silent in the stream', () => {
    const clock = new CatchUpClock()
    clock.observe(0, 50_000)
    expect(clock.observe(10_000, 60_000)).toEqual({ lag: 60_000, left: undefined })
    expect(clock.observe(20_000, 500)).toBeUndefined()
    expect(clock.observe(30_000, 20_000)).toEqual({ lag: 20_000, left: undefined })
  })
})
