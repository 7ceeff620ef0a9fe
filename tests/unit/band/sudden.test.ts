import { expect, test } from 'vitest'
import { SuddenEvidence } from '../../../src/band/sudden.ts'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { Rng } from '../../../src/core/rng.ts'

const residual = (raw: number, deviation = 1) => ({ raw, deviation, seasonal: raw / deviation })

function calm(values = 600, seed = 1): SuddenEvidence {
  const rng = new Rng(seed)
  const sudden = new SuddenEvidence()
  for (let i = 0; i < values; i++) sudden.step(residual(rng.normal()))
  return sudden
}

function wait(sudden: SuddenEvidence, values: number, seed = 2): void {
  const rng = new Rng(seed)
  for (let i = 0; i < values; i++) sudden.step(residual(rng.normal()))
}

test('a second spike as large as the first is about as unusual; the tenth is a habit', () => {
  const sudden = calm()
  const found = Array.from({ length: 10 }, () => {
    const evidence = sudden.step(residual(14))
    wait(sudden, 60)
    return evidence
  })
  expect(found[0]).toBeGreaterThan(9)
  expect(found[1]).toBeGreaterThan(8)
  expect(found[9]).toBeLessThan(2)
})

test('a dip counts by the dips, however wild the spikes are', () => {
  const rng = new Rng(3)
  const sudden = new SuddenEvidence()
  for (let i = 0; i < 2_000; i++) {
    const size = Math.abs(rng.normal())
    sudden.step(residual(rng.uniform() < 0.5 ? -size : size * (rng.uniform() < 0.1 ? 10 : 1)))
  }
  expect(sudden.step(residual(-9))).toBeGreaterThan(5)
  expect(sudden.step(residual(9))).toBeLessThan(2)
})

test('a deviation that has all but vanished makes no anomaly of a usual step', () => {
  const sudden = calm()
  expect(sudden.step(residual(0.5, 1e-9))).toBeLessThan(2)
})

test('nothing is said of the first values; the overshoot of a plain tail is finite', () => {
  const young = new SuddenEvidence()
  for (let i = 0; i < 32; i++) expect(young.step(residual(i === 20 ? 1e6 : 1))).toBe(0)
  const sudden = calm()
  sudden.step(residual(8))
  expect(sudden.overshoots(3)).toBeGreaterThan(3)
  expect(sudden.overshoots(0.01)).toBeLessThan(1)
})

test('goes on from a snapshot bit for bit', () => {
  const one = calm()
  const writer = new BinaryWriter('TEST', 1)
  one.save(writer)
  const two = new SuddenEvidence()
  two.load(new BinaryReader(writer.finish(), 'TEST', 1))
  for (const raw of [0.3, -12, 12, 2]) expect(two.step(residual(raw))).toBe(one.step(residual(raw)))
})
