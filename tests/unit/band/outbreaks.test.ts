import { expect, test } from 'vitest'
import { Outbreaks } from '../../../src/band/outbreaks.ts'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'

function after(sizes: readonly number[], apart: number): Outbreaks {
  const outbreaks = new Outbreaks()
  for (const size of sizes) {
    outbreaks.learn(size, 6)
    for (let i = 1; i < apart; i++) outbreaks.learn(0.5, 0.2)
  }
  return outbreaks
}

test('counts earlier outbreaks at least half as large, older ones for less', () => {
  expect(after([10, 10, 4], 20).like(10)).toBeCloseTo(2, 1)
  expect(after([10, 10, 4], 20).like(6)).toBeCloseTo(3, 1)
  expect(after([10], 10_000).like(10)).toBeLessThan(0.2)
})

test('values close to each other are one outbreak, and the present one is not counted', () => {
  expect(after([10, 12, 11], 2).like(10)).toBe(0)
  expect(after([10, 12, 11], 8).like(10)).toBeCloseTo(3, 1)
})

test('keeps the newest, and goes on from a snapshot', () => {
  const many = after(
    Array.from({ length: 60 }, () => 9),
    10,
  )
  expect(many.like(9)).toBeGreaterThan(20)
  expect(many.like(9)).toBeLessThanOrEqual(24)
  const writer = new BinaryWriter('TEST', 1)
  many.save(writer)
  const loaded = new Outbreaks()
  loaded.load(new BinaryReader(writer.finish(), 'TEST', 1))
  expect(loaded.like(9)).toBe(many.like(9))
})
