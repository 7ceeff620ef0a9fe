import { describe, expect, it } from 'vitest'
import { Rng } from '../../../src/core/rng.ts'
import { ForestSlot } from '../../../src/forest/forest-slot.ts'
import { forestSettings } from '../../../src/forest/options.ts'
import { RandomCutForest } from '../../../src/forest/random-cut-forest.ts'
import { forestShape } from '../../../src/forest/shape.ts'

const OPTIONS = { trees: 7, sampleSize: 256, seed: 3, outputAfter: 1, timeDecay: 1 / 400 }

describe('the slot of a forest', () => {
  it('is small at first and grows with what is learned', () => {
    using forest = new RandomCutForest(OPTIONS)
    const young = forest.byteSize
    const rng = new Rng(1)
    const bytes = new Set<number>()
    for (let t = 0; t < 3_000; t++) {
      forest.update(rng.normal())
      bytes.add(forest.byteSize)
    }
    expect(bytes.size).toBeGreaterThan(3)
    expect([...bytes]).toEqual([...bytes].sort((a, b) => a - b))
    expect(young).toBeLessThan(forest.byteSize / 8)
  })

  it.each([
    [{}],
    [{ shingleSize: 8 }],
    [{ inputs: 2, shingleSize: 30 }],
    [{ initialAcceptFraction: 0.2 }],
    [{ timeDecay: 0 }],
  ])('changes nothing by growing: %o', (options) => {
    const inputs = 'inputs' in options ? options.inputs : 1
    using grows = new RandomCutForest({ ...OPTIONS, ...options })
    using large = new RandomCutForest({ ...OPTIONS, ...options })
    const rng = new Rng(2)
    for (let t = 0; t < 900; t++) {
      const point = Array.from({ length: inputs }, () => (t % 50 < 2 ? 5 : Math.round(20 * rng.normal()) / 20))
      const leaveOut = t % 3 === 0
      expect(grows.process(point, { leaveOut })).toEqual(large.process(point, { leaveOut }))
      // A share of nothing: makes room for full trees and inserts nothing.
      const first = large.settings.shingleSize
      if (t === first) expect(large.adopt(0, t, 0)).toBe(0)
      if (t > first && t < 60) expect(large.byteSize).toBeGreaterThan(grows.byteSize)
      if (t % 60 === 0) expect(grows.snapshot()).toEqual(large.snapshot())
      if (t === 20 || t === 500) expect(grows.forget(t - 8, t - 4)).toBe(large.forget(t - 8, t - 4))
    }
  })

  it('has room for what was adopted while the trees were young, also after a restore', () => {
    using forest = new RandomCutForest(OPTIONS)
    for (let t = 0; t < 12; t++) forest.update(t % 5)
    expect(forest.adopt(0, 12, 0.5)).toBeGreaterThan(0)
    using restored = RandomCutForest.restore(forest.snapshot())
    for (let t = 0; t < 400; t++) expect(restored.process(t % 7)).toEqual(forest.process(t % 7))
    expect(restored.snapshot()).toEqual(forest.snapshot())
  })

  it('is as small after a restore as it was before', () => {
    using forest = new RandomCutForest(OPTIONS)
    for (let t = 0; t < 14; t++) forest.update(t)
    using restored = RandomCutForest.restore(forest.snapshot())
    expect(restored.byteSize).toBe(forest.byteSize)
  })

  it('moves within its pool and gives back what it leaves', () => {
    const shape = forestShape(forestSettings({ ...OPTIONS, sampleSize: 255 }))
    const slot = new ForestSlot(shape)
    slot.kernel.initialise(slot.at, 1n)
    const { at: before, layout, pool } = slot
    slot.reserve(100)
    expect(slot.pool).toBe(pool)
    expect(slot.layout.slotBytes).toBeGreaterThan(layout.slotBytes)
    expect(pool.take(0)).toBe(before)
    slot.dispose()
  })
})
