import { describe, expect, it } from 'vitest'
import { forestSettings } from '../../../src/forest/options.ts'
import { forestShape, slotSizes } from '../../../src/forest/shape.ts'

describe('the shape of a forest', () => {
  it.each([
    [{}],
    [{ shingleSize: 48 }],
    [{ timeDecay: 0 }],
    [{ timeDecay: 1 }],
    [{ trees: 100, sampleSize: 1_024, timeDecay: 1e-5 }],
    [{ inputs: 32, shingleSize: 512 }],
    [{ trees: 1, sampleSize: 1 }],
  ])('keeps positions within 16 bits: %o', (options) => {
    const { blockLog, maxBlocks } = forestShape(forestSettings(options))
    expect(maxBlocks).toBeGreaterThan(1)
    expect(maxBlocks * 2 ** blockLog).toBeLessThanOrEqual(65_536)
  })

  it('has room for every point where none decays', () => {
    const { blockLog, maxBlocks } = forestShape(forestSettings({ timeDecay: 0, trees: 20, sampleSize: 256 }))
    expect(blockLog).toBe(0)
    expect(maxBlocks).toBeGreaterThanOrEqual(20 * 256 + 1)
  })

  it('takes larger blocks where much decays, since neighbours then share their values', () => {
    const { blockLog } = forestShape(forestSettings({ shingleSize: 8 }))
    expect(blockLog).toBeGreaterThanOrEqual(4)
  })
})

describe('the sizes of slots', () => {
  const sizesOf = (options = {}) => {
    const shape = forestShape(forestSettings(options))
    return { shape, sizes: slotSizes(shape) }
  }

  it.each([[{}], [{ inputs: 2 }], [{ shingleSize: 48 }], [{ sampleSize: 1 }], [{ timeDecay: 1 }], [{ timeDecay: 0 }]])(
    'grow, and the last is the whole shape: %o',
    (options) => {
      const { shape, sizes } = sizesOf(options)
      for (const [i, size] of sizes.entries()) {
        const next = sizes[i + 1]
        if (next === undefined) continue
        expect(next.leaves).toBeGreaterThanOrEqual(size.leaves)
        expect(next.blocks).toBeGreaterThanOrEqual(size.blocks)
        expect(next.learned > size.learned || next.periods > size.periods).toBe(true)
      }
      const { maxBlocks: blocks, boxCap: boxes } = shape
      const unlimited = { learned: Number.POSITIVE_INFINITY, periods: Number.POSITIVE_INFINITY }
      expect(sizes.at(-1)).toEqual({ leaves: shape.settings.sampleSize, blocks, boxes, ...unlimited })
    },
  )

  it('have room for what they say they have room for', () => {
    const { shape, sizes } = sizesOf({ inputs: 2 })
    for (const { leaves, blocks, learned, periods } of sizes) {
      expect(Math.min(learned, 256)).toBeLessThanOrEqual(leaves)
      if (Number.isFinite(periods)) expect(blocks).toBeGreaterThan(periods / 2 ** shape.blockLog)
    }
  })
})
