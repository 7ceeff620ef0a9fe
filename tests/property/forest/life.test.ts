import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rng } from '../../../src/core/rng.ts'
import type { Subtree } from '../../../src/forest/tree-view.ts'
import { ForestLab } from '../../support/forest-lab.ts'

const TREES = 3
const UNUSED = 0xffff

/** Everything that must hold of a tree whatever came before; gives how often each block is referred to. */
function expectSound(lab: ForestLab, tree: number): void {
  const { layout, view, pool, shape } = lab
  const size = view.size(tree)
  expect(size).toBeLessThanOrEqual(shape.settings.sampleSize)
  const cuts = new Map<number, Subtree>()
  const waiting: Subtree[] = size > 0 ? [view.root(tree)] : []
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const points = Array.from({ length: node.mass }, (_, i) => view.point(view.entry(tree, node!.first + i)))
    if (view.isLeaf(tree, node)) {
      expect(points.every((point) => point.every((value, d) => value === points[0]![d]))).toBe(true)
      if (node.mass > 1) expectCopies(lab, tree, node)
      continue
    }
    cuts.set(node.record, node)
    const { dimension, value } = view.cut(tree, node)
    const left = view.left(tree, node)
    expect(left.mass).toBeGreaterThan(0)
    expect(left.mass).toBeLessThan(node.mass)
    expect(points.every((point, i) => point[dimension]! <= value === i < left.mass)).toBe(true)
    waiting.push(left, view.right(tree, node))
  }
  const base = lab.slot + layout.treesAt + tree * layout.treeBytes
  const listed = Array.from({ length: shape.boxCap }, (_, i) => pool.u16[((base + layout.boxListAt) >>> 1) + i]!)
  const used = listed.filter((record) => record !== UNUSED)
  expect(listed.slice(0, used.length)).toEqual(used)
  expect([...used].sort((a, b) => a - b)).toEqual(used)
  used.forEach((record, i) => {
    const node = cuts.get(record)
    if (node === undefined) throw new Error(`a box is kept for record ${record}, which is no cut`)
    const { low, high } = lab.box(tree, node)
    const at = (base + layout.boxesAt + i * layout.boxBytes) >>> 2
    const side = layout.boxBytes >>> 3
    expect([...pool.f32.subarray(at, at + low.length)]).toEqual(low)
    expect([...pool.f32.subarray(at + side, at + side + high.length)]).toEqual(high)
  })
}

function expectCopies(lab: ForestLab, tree: number, node: Subtree): void {
  const { layout } = lab
  const records = lab.slot + layout.treesAt + tree * layout.treeBytes + layout.recordsAt
  for (let i = 0; i < node.mass - 1; i++) {
    expect(lab.pool.u16[(records + (node.record + i) * 8 + 4) >>> 1]).toBe(UNUSED)
  }
}

/** The store counts as many references to each block as there are entries in it, and one more to the current block. */
function expectCounts(lab: ForestLab): void {
  const { pool, slot, shape, view } = lab
  const counts = new Array<number>(shape.maxBlocks).fill(0)
  if (pool.u32[slot >>> 2]! > 0) counts[pool.u32[(slot + 4) >>> 2]!] = 1
  for (let tree = 0; tree < TREES; tree++) {
    for (let i = 0; i < view.size(tree); i++) {
      const block = view.entry(tree, i) >>> shape.blockLog
      counts[block] = counts[block]! + 1
    }
  }
  const at = (slot + lab.layout.blockMetaAt) >>> 2
  expect(counts.map((_, b) => pool.u32[at + 2 * b + 1])).toEqual(counts)
}

const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('feed' as const), count: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), age: fc.nat(80), span: fc.nat(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('adopt' as const),
      age: fc.nat(60),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reload' as const) }) },
)

/** Streams that are hard on floating point, each value float32. */
const STREAMS: Readonly<Record<string, (rng: Rng) => number>> = {
  'normal values': (rng) => rng.normal(),
  'few distinct values': (rng) => rng.below(3),
  'a constant': () => 42,
  'huge and tiny together': (rng) => [2 ** 100, -(2 ** 100), 1e-30, 0, 1][rng.below(5)]!,
  denormals: (rng) => rng.below(4) * 1.401298464324817e-45,
  'neighbouring floats': (rng) => Math.fround(1 + rng.below(3) * 2 ** -23),
}

describe.each(Object.entries(STREAMS))('a forest fed with %s', (_, draw) => {
  it.each([
    { inputs: 1, shingleSize: 1 },
    { inputs: 1, shingleSize: 3 },
    { inputs: 2, shingleSize: 4 },
    { inputs: 3, shingleSize: 4 },
  ])('is sound after any sequence of operations, $inputs inputs x shingle $shingleSize', ({ inputs, shingleSize }) => {
    const options = { inputs, shingleSize, trees: TREES, sampleSize: 24, timeDecay: 0.02 }
    const lab = new ForestLab(options, { boxMass: 4, boxCap: 8 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.array(step, { minLength: 1, maxLength: 12 }), (seed, steps) => {
        const rng = new Rng(seed)
        lab.reset(seed, true)
        let periods = 0
        for (const action of steps) {
          if (action.kind === 'feed') {
            for (let i = 0; i < action.count; i++)
              lab.feed(
                Array.from({ length: inputs }, () => draw(rng)),
                true,
              )
            periods += action.count
          } else if (action.kind === 'drop') {
            const from = Math.max(0, periods - action.age)
            lab.drop(from, from + action.span)
          } else if (action.kind === 'adopt') {
            const from = Math.max(shingleSize - 1, periods - action.age)
            if (from < periods) lab.kernel.adopt(lab.slot, from, periods, action.share)
          } else {
            lab.reload()
          }
          for (let tree = 0; tree < TREES; tree++) expectSound(lab, tree)
          expectCounts(lab)
        }
      }),
      { numRuns: 6 },
    )
  })
})
