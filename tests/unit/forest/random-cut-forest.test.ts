import { describe, expect, it } from 'vitest'
import { Rng } from '../../../src/core/rng.ts'
import { type PeriodValues, RandomCutForest } from '../../../src/forest/random-cut-forest.ts'

function trained(
  options: ConstructorParameters<typeof RandomCutForest>[0],
  periods: number,
  value: (t: number) => PeriodValues,
) {
  const forest = new RandomCutForest(options)
  for (let t = 0; t < periods; t++) forest.update(value(t))
  return forest
}

const wave = (t: number) => 100 + 10 * Math.sin((2 * Math.PI * t) / 48)

describe('points that are none', () => {
  const forest = new RandomCutForest({ inputs: 2, shingleSize: 2 })
  it.each<[string, PeriodValues, string]>([
    ['NaN', [1, Number.NaN], 'values[1]'],
    ['infinity', [Number.POSITIVE_INFINITY, 1], 'values[0]'],
    ['a hole', [undefined as unknown as number, 1], 'values[0]'],
    ['too few values', [1], 'values'],
    ['too many values', [1, 2, 3], 'values'],
    ['one number for two inputs', 1, 'values'],
  ])('%s is refused by name and changes nothing', (_, values, where) => {
    const before = forest.snapshot()
    const calls = [
      () => forest.update(values),
      () => forest.score(values),
      () => forest.process(values),
      () => forest.attribute(values),
      () => forest.expected(values),
    ]
    for (const call of calls) expect(call).toThrow(expect.objectContaining({ code: 'POINT_INVALID', where }))
    expect(forest.snapshot()).toEqual(before)
  })

  it('a batch with one bad value is refused whole', () => {
    const before = forest.snapshot()
    expect(() => forest.processBatch([1, 2, 3, Number.NaN])).toThrow(expect.objectContaining({ where: 'values[3]' }))
    expect(() => forest.processBatch([1, 2, 3])).toThrow(expect.objectContaining({ code: 'POINT_INVALID' }))
    expect(forest.snapshot()).toEqual(before)
  })

  it('values beyond 2^100 count as 2^100', () => {
    const one = trained({ seed: 1 }, 100, (t) => (t % 10 === 9 ? 1e300 : t))
    const two = trained({ seed: 1 }, 100, (t) => (t % 10 === 9 ? 1e200 : t))
    expect(one.score(5)).toEqual(two.score(5))
    expect(one.score(-1e308).codisp).toBeGreaterThan(10)
  })
})

describe('scores', () => {
  it('are 0 until outputAfter shingles were learned', () => {
    const forest = new RandomCutForest({ shingleSize: 4, outputAfter: 10 })
    for (let t = 0; t < 13; t++) {
      expect(forest.ready).toBe(false)
      expect(forest.process(t * t).codisp).toBe(0)
    }
    expect(forest.learned).toBe(10)
    expect(forest.ready).toBe(true)
    expect(forest.score(1e6).codisp).toBeGreaterThan(1)
  })

  it('of a constant are low for the constant and as high as can be for anything else', () => {
    const forest = trained({}, 1_000, () => 7)
    expect(forest.score(7).codisp).toBe(0)
    expect(forest.score(7).density).toBe(Number.POSITIVE_INFINITY)
    expect(forest.score(7.1).codisp).toBe(256)
    expect(forest.score(7.1).depthScore).toBeCloseTo(Math.log2(257), 9)
  })

  it('see small changes on a large offset, which float32 alone would not hold', () => {
    const rng = new Rng(3)
    const forest = trained({}, 2_000, () => 1e12 + rng.normal())
    expect(forest.score(1e12 + 8).codisp).toBeGreaterThan(10 * forest.score(1e12).codisp)
  })

  it('without leave-out a second spike close behind the first is hidden more', () => {
    const forest = trained({ shingleSize: 8, seed: 2 }, 2_000, wave)
    forest.update(300)
    forest.update(wave(2_001))
    forest.update(wave(2_002))
    const hidden = forest.score(300)
    const open = forest.score(300, { leaveOut: true })
    expect(open.codisp).toBeGreaterThanOrEqual(hidden.codisp)
  })
})

describe('what else a forest tells', () => {
  const forest = trained({ inputs: 2, shingleSize: 6, seed: 4 }, 3_000, (t) => [wave(t), wave(t + 12) / 10])

  it('attribution names input, lag and direction, and its shares sum to 1', () => {
    const above = forest.attribute([150, wave(3_012) / 10])
    expect(above[0]).toMatchObject({ input: 0, lag: 0, direction: 'above' })
    expect(above[0]!.share).toBeGreaterThan(0.8)
    expect(above.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12)
    expect(forest.attribute([wave(3_000), -5])[0]).toMatchObject({ input: 1, lag: 0, direction: 'below' })
  })

  it('the expected value is what the periods before lead to', () => {
    const [first, second] = forest.expected([500, 500])
    expect(first).toBeCloseTo(wave(3_000), 0)
    expect(second).toBeCloseTo(wave(3_012) / 10, 0)
    const kept = forest.expected([wave(3_000), 500], [true, false])
    expect(kept[0]).toBeCloseTo(wave(3_000), 4)
    expect(kept[1]).toBeCloseTo(wave(3_012) / 10, 0)
  })

  it('the neighbour of a point that came before is it, or one a season away', () => {
    const { values, distance, period } = forest.neighbour([wave(3_000), wave(3_012) / 10])!
    expect(values).toHaveLength(12)
    expect(distance).toBeLessThan(1e-3)
    expect(period % 48).toBe(3_000 % 48)
  })

  it('the forecast follows the season', () => {
    const forecast = forest.forecast(6)
    for (let k = 0; k < 6; k++) expect(Math.abs(forecast[2 * k]! - wave(3_000 + k))).toBeLessThan(2)
    expect(() => forest.forecast(7)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', where: 'horizon' }))
  })

  it('a young forest says that it knows nothing', () => {
    const young = new RandomCutForest({ shingleSize: 3 })
    expect(young.attribute(1)).toEqual([])
    expect(young.expected(1)).toEqual(Float64Array.of(Number.NaN))
    expect(young.neighbour(1)).toBeUndefined()
    expect(young.forecast(2)).toEqual(Float64Array.of(Number.NaN, Number.NaN))
  })
})

describe('forgetting', () => {
  it('deletes every shingle that holds a forgotten value, before and after', () => {
    const forest = trained({ shingleSize: 4, seed: 6, trees: 20 }, 200, (t) => (t >= 150 && t < 160 ? 500 : wave(t)))
    expect(forest.forget(150, 160)).toBe(20 * 13)
    expect(forest.forget(150, 160)).toBe(0)
    expect(forest.neighbour(500)!.values.every((value) => value < 200)).toBe(true)
  })

  it('also keeps those from being learned that are still to come', () => {
    const forest = trained({ shingleSize: 4 }, 200, wave)
    forest.update(500)
    forest.forget(200, 201)
    const { learned } = forest
    for (let t = 0; t < 3; t++) forest.update(wave(201 + t))
    expect(forest.learned).toBe(learned)
    forest.update(wave(204))
    expect(forest.learned).toBe(learned + 1)
  })

  it.each([
    [-1, 5],
    [5, 4],
    [0.5, 2],
    [Number.NaN, 2],
  ])('refuses the range [%d, %d)', (from, to) => {
    const forest = trained({}, 10, wave)
    const before = forest.snapshot()
    for (const call of [forest.forget, forest.adopt] as const) {
      expect(() => call.call(forest, from, to)).toThrow(
        expect.objectContaining({ code: 'INPUT_INVALID', where: 'range' }),
      )
    }
    expect(forest.snapshot()).toEqual(before)
  })
})

describe('the sample', () => {
  it('holds a point of age a in proportion to exp(-timeDecay x a)', () => {
    const decay = 1 / 200
    const forest = trained({ trees: 400, sampleSize: 32, timeDecay: decay, seed: 9 }, 2_000, (t) => t)
    const weight = (from: number, to: number) => Math.exp(-decay * from) - Math.exp(-decay * to)
    // A range's share of the trees shows in how many leaves go when it is forgotten.
    for (const [from, to] of [
      [0, 50],
      [50, 150],
      [150, 400],
      [400, 1_000],
    ] as const) {
      const copy = RandomCutForest.restore(forest.snapshot())
      const held = copy.forget(2_000 - to, 2_000 - from)
      const expected = 400 * 32 * weight(from, to)
      expect(Math.abs(held - expected)).toBeLessThan(4 * Math.sqrt(expected))
    }
  })
})

describe('memory', () => {
  it('goes back: a slot is used again by the next forest of the shape', () => {
    const options = { trees: 7, sampleSize: 33, seed: 1 }
    const keeper = new RandomCutForest(options)
    const bits = trained(options, 500, wave).snapshot()
    for (let i = 0; i < 50; i++) {
      const forest = trained(options, 500, wave)
      expect(forest.snapshot()).toEqual(bits)
      forest.dispose()
      forest.dispose()
      expect(() => forest.update(1)).toThrow('disposed')
    }
    expect(keeper.learned).toBe(0)
    const full = trained(options, 500, wave)
    expect(full.byteSize).toBeGreaterThan(7 * 33 * 10)
    expect(keeper.byteSize).toBeLessThan(full.byteSize / 2)
  })
})
