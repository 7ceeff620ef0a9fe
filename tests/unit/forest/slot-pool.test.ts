import { describe, expect, it } from 'vitest'
import { forestSettings } from '../../../src/forest/options.ts'
import { forestShape } from '../../../src/forest/shape.ts'
import { poolFor, retire } from '../../../src/forest/slot-pool.ts'

const shape = (options = {}) => forestShape(forestSettings(options))

describe('the pools', () => {
  it('are shared by forests of one shape, whatever their seeds', () => {
    expect(poolFor(shape({ seed: 1 }))).toBe(poolFor(shape({ seed: 2 })))
    expect(poolFor(shape({ trees: 51 }))).not.toBe(poolFor(shape()))
  })

  it('give slots that do not overlap, again once given back', () => {
    const pool = poolFor(shape({ sampleSize: 17 }))
    const slots = Array.from({ length: 40 }, () => pool.take())
    const sorted = [...slots].sort((a, b) => a - b)
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]! - sorted[i - 1]!).toBe(pool.layout.slotBytes)
    expect(pool.kernel.memory.buffer.byteLength).toBeGreaterThanOrEqual(sorted.at(-1)! + pool.layout.slotBytes)
    pool.give(slots[3]!)
    expect(pool.take()).toBe(slots[3])
  })

  it('let their memory go when the last forest went', () => {
    const pool = poolFor(shape({ sampleSize: 18 }))
    const slot = pool.take()
    retire(pool)
    expect(poolFor(shape({ sampleSize: 18 }))).toBe(pool)
    pool.give(slot)
    retire(pool)
    expect(poolFor(shape({ sampleSize: 18 }))).not.toBe(pool)
  })
})
