import { describe, expect, it } from 'vitest'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { Rng } from '../../../src/core/rng.ts'
import { QuantileSketch, SKETCH_ACCURACY } from '../../../src/window/quantile-sketch.ts'

const QUANTILES = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1]

function sketchOf(values: Iterable<number>): QuantileSketch {
  const sketch = new QuantileSketch()
  for (const value of values) sketch.add(value)
  return sketch
}

const answers = (sketch: QuantileSketch) => QUANTILES.map((q) => sketch.quantile(q))

describe('QuantileSketch', () => {
  it.each([
    ['log-normal', (rng: Rng) => Math.exp(2 * rng.normal())],
    ['normal, of both signs', (rng: Rng) => rng.normal()],
    ['whole numbers with zeros', (rng: Rng) => rng.below(7) - 3],
    ['seventeen decades', (rng: Rng) => 10 ** (17 * rng.uniform() - 8)],
  ])('knows each quantile of %s within its accuracy', (_, draw) => {
    const rng = new Rng(7)
    const values = Float64Array.from({ length: 20_000 }, () => draw(rng))
    const sketch = sketchOf(values)
    values.sort()
    for (const q of QUANTILES) {
      const exact = values[Math.floor(q * (values.length - 1))]!
      expect(Math.abs(sketch.quantile(q) - exact)).toBeLessThanOrEqual(SKETCH_ACCURACY * Math.abs(exact) * (1 + 1e-9))
    }
  })

  it('does not depend on the order of the values', () => {
    const values = Array.from({ length: 1_000 }, (_, i) => Math.sin(i) * i)
    expect(answers(sketchOf(values.toReversed()))).toEqual(answers(sketchOf(values)))
  })

  it('survives a snapshot, and goes on alike', () => {
    const sketch = sketchOf([-5, -0.1, 0, 0, 3, 3.01, 1e6])
    const writer = new BinaryWriter('TEST', 1)
    sketch.save(writer)
    const loaded = QuantileSketch.load(new BinaryReader(writer.finish(), 'TEST', 1))
    for (const one of [sketch, loaded]) one.add(42)
    expect(loaded.count).toBe(8)
    expect(answers(loaded)).toEqual(answers(sketch))
  })

  it('has no answer when empty', () => {
    expect(new QuantileSketch().quantile(0.5)).toBeNaN()
  })
})
