import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rng } from '../../../src/core/rng.ts'
import { RandomCutForest } from '../../../src/forest/random-cut-forest.ts'
import { ForestLab, mean, standardError } from '../../support/forest-lab.ts'

const options = fc.record({
  inputs: fc.integer({ min: 1, max: 3 }),
  shingleSize: fc.integer({ min: 1, max: 5 }),
  trees: fc.constant(4),
  sampleSize: fc.constantFrom(8, 32),
  timeDecay: fc.constantFrom(0, 0.003, 0.05),
  seed: fc.nat(1000),
  outputAfter: fc.constant(3),
  initialAcceptFraction: fc.constantFrom(1, 0.25),
})
const STREAMS = {
  normal: (rng: Rng) => rng.normal(),
  few: (rng: Rng) => rng.below(3),
  signs: (rng: Rng) => (rng.below(2) === 0 ? 0 : -0),
  far: (rng: Rng) => (rng.below(30) === 0 ? 1e200 : 1e9 + rng.below(50)),
}
const stream = fc.constantFrom(...(Object.keys(STREAMS) as (keyof typeof STREAMS)[]))
const made = fc.record({ options, stream, length: fc.integer({ min: 1, max: 150 }) })

function points({
  options: { inputs, seed },
  stream: kind,
  length,
}: {
  options: { inputs: number; seed: number }
  stream: keyof typeof STREAMS
  length: number
}) {
  const rng = new Rng(seed)
  return Array.from({ length }, () => Array.from({ length: inputs }, () => STREAMS[kind](rng)))
}

describe('a random cut forest', () => {
  it('is not changed by being scored, asked for attribution, imputed or forecast', () => {
    fc.assert(
      fc.property(made, (spec) => {
        using forest = new RandomCutForest(spec.options)
        for (const point of points(spec)) {
          const before = forest.snapshot()
          forest.score(point, { leaveOut: true })
          forest.attribute(point)
          forest.expected(point)
          forest.neighbour(point)
          forest.forecast(1)
          expect(forest.snapshot()).toEqual(before)
          forest.update(point)
        }
      }),
      { numRuns: 8 },
    )
  })

  it('gives the same bits by process, by score then update, and by batches cut anywhere', () => {
    fc.assert(
      fc.property(
        made,
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        fc.boolean(),
        (spec, cuts, leaveOut) => {
          using one = new RandomCutForest(spec.options)
          using two = new RandomCutForest(spec.options)
          using batched = new RandomCutForest(spec.options)
          const all = points(spec)
          const expected = all.map((point) => one.process(point, { leaveOut }))
          const apart = all.map((point) => {
            const score = two.score(point, { leaveOut })
            two.update(point)
            return score
          })
          const together = []
          for (let at = 0, k = 0; at < all.length; k++) {
            const part = all.slice(at, at + cuts[k % cuts.length]!)
            together.push(...batched.processBatch(part.flat(), { leaveOut }))
            at += part.length
          }
          expect(apart).toEqual(expected)
          expect(together).toEqual(expected)
          expect(two.snapshot()).toEqual(one.snapshot())
          expect(batched.snapshot()).toEqual(one.snapshot())
        },
      ),
      { numRuns: 25 },
    )
  })

  it('goes on with the same bits after a restore at any moment', () => {
    fc.assert(
      fc.property(made, fc.nat(150), (spec, at) => {
        using forest = new RandomCutForest(spec.options)
        const all = points(spec)
        for (const point of all.slice(0, at)) forest.update(point)
        if (at % 3 === 0) forest.forget(Math.max(0, at - 20), Math.max(0, at - 10))
        using restored = RandomCutForest.restore(forest.snapshot())
        expect(restored.snapshot()).toEqual(forest.snapshot())
        for (const point of all.slice(at)) expect(restored.process(point)).toEqual(forest.process(point))
        expect(restored.adopt(0, at)).toBe(forest.adopt(0, at))
        expect(restored.snapshot()).toEqual(forest.snapshot())
      }),
      { numRuns: 30 },
    )
  })

  it('scored with leave-out, is the forest from which the overlapping shingles were deleted', () => {
    fc.assert(
      fc.property(made, (spec) => {
        using forest = new RandomCutForest(spec.options)
        const all = points(spec)
        for (const point of all) forest.update(point)
        using without = RandomCutForest.restore(forest.snapshot())
        const { shingleSize } = spec.options
        if (shingleSize > 1) without.forget(Math.max(0, all.length - shingleSize + 1), all.length)
        const x = all[0]!
        expect(forest.score(x, { leaveOut: true })).toEqual(without.score(x))
      }),
      { numRuns: 40 },
    )
  })

  it('has the very trees back, cut by cut, when a point is inserted and forgotten', () => {
    const rng = new Rng(4)
    const lab = new ForestLab({ inputs: 3, trees: 1, sampleSize: 64, timeDecay: 0 }, { boxMass: 4, boxCap: 16 })
    lab.reset(1, true)
    const point = () => [rng.normal(), rng.normal(), rng.normal()]
    for (let i = 0; i < 40; i++) lab.feed(point())
    const { treesAt, recordsAt } = lab.layout
    const dump = () => {
      const tree = lab.slot + treesAt
      const records = tree + recordsAt
      return [...lab.pool.u8.slice(tree, tree + 80), ...lab.pool.u8.slice(records, records + 39 * 8)]
    }
    const before = dump()
    for (let trial = 0; trial < 300; trial++) {
      lab.weight = 0
      const period = lab.feed(point())
      expect(lab.view.size(0)).toBe(41)
      expect(lab.drop(period, period + 1)).toBe(1)
      expect(dump()).toEqual(before)
    }
  })

  it('after forgetting a range scores as if the range had never come', () => {
    const rng = new Rng(9)
    const usual = Array.from({ length: 300 }, () => rng.normal())
    const incident = Array.from({ length: 60 }, () => 8 + rng.normal())
    const probes = [0, 2, 5, 8, 12]
    const never = probes.map((): number[] => [])
    const forgotten = probes.map((): number[] => [])
    const remembered: number[] = []
    for (let seed = 1; seed <= 30; seed++) {
      using clean = new RandomCutForest({ sampleSize: 512, timeDecay: 0, seed })
      for (const value of usual) clean.update(value)
      using hurt = new RandomCutForest({ sampleSize: 512, timeDecay: 0, seed: 1_000 + seed })
      for (const value of [...usual.slice(0, 280), ...incident, ...usual.slice(280)]) hurt.update(value)
      remembered.push(hurt.score(8).codisp)
      hurt.forget(280, 340)
      probes.forEach((probe, i) => {
        never[i]!.push(clean.score(probe).depthScore)
        forgotten[i]!.push(hurt.score(probe).depthScore)
      })
      expect(hurt.score(8).codisp).toBeGreaterThan(3 * remembered.at(-1)!)
    }
    probes.forEach((_, i) => {
      const error = Math.hypot(standardError(never[i]!), standardError(forgotten[i]!))
      expect(Math.abs(mean(never[i]!) - mean(forgotten[i]!))).toBeLessThan(4 * error)
    })
  })

  it('makes an adopted level normal at once', () => {
    const rng = new Rng(11)
    using forest = new RandomCutForest({ shingleSize: 4, seed: 5 })
    for (let i = 0; i < 2_000; i++) forest.update(rng.normal())
    for (let i = 0; i < 40; i++) forest.update(20 + rng.normal())
    const before = forest.score(20)
    expect(forest.adopt(2_000, 2_040)).toBeGreaterThan(50 * 100)
    const after = forest.score(20)
    expect(after.depthScore).toBeLessThan(1.1)
    expect(after.codisp).toBeLessThan(before.codisp / 4)
  })
})
