import { describe, expect, it } from 'vitest'
import { Rng } from '../../../src/core/rng.ts'
import { RandomCutForest } from '../../../src/forest/random-cut-forest.ts'

function snapshotOf(options: ConstructorParameters<typeof RandomCutForest>[0], periods: number): Uint8Array {
  const rng = new Rng(1)
  using forest = new RandomCutForest(options)
  for (let t = 0; t < periods; t++) forest.update(10 * Math.sin((2 * Math.PI * t) / 288) + rng.normal())
  return forest.snapshot()
}

describe('a damaged snapshot', () => {
  const whole = snapshotOf({ shingleSize: 3, trees: 2, sampleSize: 8 }, 100)

  it('cut short anywhere is refused', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(() => RandomCutForest.restore(whole.slice(0, length))).toThrow(
        expect.objectContaining({ code: 'SNAPSHOT_INVALID', where: 'forest snapshot' }),
      )
    }
  })

  it('with any bit flipped is refused', () => {
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = whole.slice()
      flipped[bit >>> 3]! ^= 1 << (bit & 7)
      expect(() => RandomCutForest.restore(flipped)).toThrow(/snapshot|version|checksum|begin/i)
    }
  })

  it('of a later version is refused as such', () => {
    const later = whole.slice()
    later[4] = 2
    expect(() => RandomCutForest.restore(later)).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_VERSION', where: 'forest snapshot' }),
    )
  })

  it('of something else is refused', () => {
    expect(() => RandomCutForest.restore(new TextEncoder().encode('{"forest": true}'))).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_INVALID' }),
    )
  })
})

describe('the size of a snapshot', () => {
  it('of 50 trees of 256 points is within 150 kB at any age, shingle 8', () => {
    expect(snapshotOf({ shingleSize: 8 }, 3_000).length).toBeLessThan(100_000)
    expect(snapshotOf({ shingleSize: 8 }, 15_000).length).toBeLessThan(150_000)
  })

  it('of an empty forest is small', () => {
    expect(snapshotOf({}, 0).length).toBeLessThan(500)
  })
})
