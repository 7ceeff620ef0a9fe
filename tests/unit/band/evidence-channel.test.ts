import { expect, test } from 'vitest'
import { EvidenceChannel } from '../../../src/band/evidence-channel.ts'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { Rng } from '../../../src/core/rng.ts'

const options = { window: 1, power: 1, memory: 5_000 }

test('normal values have evidence as seldom as it says', () => {
  const rng = new Rng(1)
  const channel = new EvidenceChannel(options)
  let over2 = 0
  const points = 20_000
  for (let i = 0; i < points; i++) if (channel.step(10 + rng.normal()) >= 2) over2++
  // One in a hundred; four standard errors either way.
  expect(Math.abs(over2 / points - 0.01)).toBeLessThan(4 * Math.sqrt(0.0099 / points))
})

test('the scale of the statistic does not matter', () => {
  const rng = new Rng(2)
  const small = new EvidenceChannel(options)
  const large = new EvidenceChannel(options)
  for (let i = 0; i < 500; i++) {
    const value = rng.uniform()
    expect(large.step(value * 1e6)).toBeCloseTo(small.step(value), 6)
  }
})

test('a constant says nothing, and neither does the first value', () => {
  const channel = new EvidenceChannel(options)
  for (let i = 0; i < 100; i++) expect(channel.step(5)).toBeLessThan(0.31)
})

test('a window waits for what lasts', () => {
  const rng = new Rng(3)
  const quick = new EvidenceChannel(options)
  const slow = new EvidenceChannel({ ...options, window: 8 })
  for (let i = 0; i < 1_000; i++) {
    const value = rng.normal()
    quick.step(value)
    slow.step(value)
  }
  expect(quick.step(6)).toBeGreaterThan(slow.step(6))
  let lasting = 0
  for (let i = 0; i < 8; i++) lasting = slow.step(3)
  expect(lasting).toBeGreaterThan(quick.step(3))
})

test('goes on from a snapshot with the same bits', () => {
  const rng = new Rng(4)
  const one = new EvidenceChannel({ window: 5, power: 0.3, memory: 100 })
  for (let i = 0; i < 333; i++) one.step(rng.uniform())
  const writer = new BinaryWriter('TEST', 1)
  one.save(writer)
  const two = new EvidenceChannel({ window: 5, power: 0.3, memory: 100 })
  two.load(new BinaryReader(writer.finish(), 'TEST', 1))
  for (let i = 0; i < 100; i++) {
    const value = rng.uniform()
    expect(two.step(value)).toBe(one.step(value))
  }
})
