import { describe, expect, it } from 'vitest'
import { forestSettings } from '../../../src/forest/options.ts'
import { forestShape } from '../../../src/forest/shape.ts'

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
