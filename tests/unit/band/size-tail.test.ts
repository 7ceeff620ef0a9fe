import { expect, test } from 'vitest'
import { SizeTail } from '../../../src/band/size-tail.ts'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { Rng } from '../../../src/core/rng.ts'

function learned(values: number, draw: (rng: Rng) => number, seed = 1): SizeTail {
  const rng = new Rng(seed)
  const tail = new SizeTail()
  for (let i = 0; i < values; i++) tail.step(draw(rng))
  return tail
}

const normal = (rng: Rng) => Math.abs(rng.normal())
const exponential = (rng: Rng) => -Math.log(1 - rng.uniform())
const heavy = (rng: Rng) => (1 - rng.uniform()) ** (-1 / 3)

test('the evidence is about the decades of the probability, of light tails and of exponential ones', () => {
  // P(|Z| > 4) = 6.3e-5, P(E > 12) = 6.1e-6.
  expect(learned(4_000, normal).step(4)).toBeGreaterThan(3.4)
  expect(learned(4_000, normal).step(4)).toBeLessThan(5.2)
  expect(learned(4_000, exponential).step(12)).toBeGreaterThan(4.2)
  expect(learned(4_000, exponential).step(12)).toBeLessThan(6.5)
})

test('what is far out for light tails is usual for heavy ones', () => {
  expect(learned(3_000, normal).step(9)).toBeGreaterThan(9)
  expect(learned(3_000, heavy).step(9)).toBeLessThan(5)
})

test('says nothing while little is known, and nothing of what is 0', () => {
  expect(learned(20, normal).step(100)).toBe(0)
  expect(learned(500, normal).step(0)).toBe(0)
})

test('an anomaly is learned as no more than barely one: the next as large is about as unusual', () => {
  const tail = learned(1_000, normal)
  const first = tail.step(15)
  expect(first).toBeGreaterThan(9)
  expect(tail.step(15)).toBeGreaterThan(0.9 * first)
})

test('records of heavy tails overshoot by more; a tail that begins far out is not plain', () => {
  const [light, wild] = [learned(2_000, normal), learned(2_000, heavy)]
  for (const tail of [light, wild]) tail.step(1)
  expect(wild.overshoot(8)).toBeGreaterThan(2 * light.overshoot(8))
  expect(light.isPlain).toBe(true)
  const structured = learned(2_000, (rng) => (rng.uniform() < 0.05 ? 40 + rng.normal() : normal(rng)))
  structured.step(1)
  expect(structured.isPlain).toBe(false)
})

test('a series of mostly zeros has a tail, and weights that were brought down change nothing', () => {
  const sparse = learned(70_000, (rng) => (rng.uniform() < 0.001 ? 1 : 0))
  expect(sparse.step(30)).toBeGreaterThan(6)
  expect(Number.isFinite(sparse.step(1e-300))).toBe(true)
})

test('goes on from a snapshot bit for bit', () => {
  const one = learned(300, heavy)
  const writer = new BinaryWriter('TEST', 1)
  one.save(writer)
  const two = new SizeTail()
  two.load(new BinaryReader(writer.finish(), 'TEST', 1))
  for (const size of [0.2, 3, 9]) expect(two.step(size)).toBe(one.step(size))
  expect(one.byteSize).toBeLessThan(512)
})
