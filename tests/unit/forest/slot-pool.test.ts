import { describe, expect, it } from 'vitest'
import { readLayout } from '../../../src/forest/kernel-module.ts'
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
    const taken = Array.from({ length: 40 }, (_, i) => ({ size: i % pool.sizes.length, slot: 0 }))
    for (const each of taken) each.slot = pool.take(each.size)
    const endOf = ({ slot, size }: { slot: number; size: number }) => slot + pool.layoutOf(size).slotBytes
    const sorted = [...taken].sort((a, b) => a.slot - b.slot)
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]!.slot).toBeGreaterThanOrEqual(endOf(sorted[i - 1]!))
    expect(pool.u8.length).toBeGreaterThanOrEqual(endOf(sorted.at(-1)!))
    const { slot, size } = taken[3]!
    pool.give(slot, size)
    expect(pool.take(size)).toBe(slot)
  })

  it('arrange the kernel for the size that is asked for', () => {
    const pool = poolFor(shape({ sampleSize: 300 }))
    const read = (size: number) => readLayout(pool.kernelFor(size))
    expect(pool.sizes.length).toBeGreaterThan(3)
    for (const size of [0, pool.largest, 1, 1, 0]) expect(read(size)).toEqual(pool.layoutOf(size))
  })

  it('let their memory go when the last forest went', () => {
    const pool = poolFor(shape({ sampleSize: 18 }))
    const slot = pool.take(0)
    retire(pool)
    expect(poolFor(shape({ sampleSize: 18 }))).toBe(pool)
    pool.give(slot, 0)
    retire(pool)
    expect(poolFor(shape({ sampleSize: 18 }))).not.toBe(pool)
  })
})
