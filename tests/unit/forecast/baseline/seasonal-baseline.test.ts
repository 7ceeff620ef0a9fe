import { expect, test } from 'vitest'
import { BinaryReader, BinaryWriter } from '../../../../src/core/binary.ts'
import { Rng } from '../../../../src/core/rng.ts'
import { SeasonalBaseline } from '../../../../src/forecast/baseline/seasonal-baseline.ts'

const HOUR_MS = 3_600_000
const MONDAY_MS = Date.UTC(2024, 0, 1)

/** A day's wave of 10 about 100, half as high at the weekend, with unit noise. */
function hourly(at: number, rng: Rng): number {
  const day = Math.floor(at / 24) % 7
  const size = day >= 5 ? 5 : 10
  return 100 + size * Math.sin((2 * Math.PI * at) / 24) + rng.normal()
}

function teach(baseline: SeasonalBaseline, values: number, of: (at: number) => number, periodMs = HOUR_MS): void {
  for (let at = 0; at < values; at++) baseline.step(MONDAY_MS + at * periodMs, of(at))
}

test('goes through the training states', () => {
  const rng = new Rng(1)
  const baseline = new SeasonalBaseline(HOUR_MS, 'UTC')
  expect(baseline.predict(MONDAY_MS)).toMatchObject({ state: 'PENDING_TRAINING', expected: Number.NaN })
  teach(baseline, 40, (at) => hourly(at, rng))
  expect(baseline.state).toBe('TRAINED_INSUFFICIENT_DATA')
  teach(baseline, 20, (at) => hourly(at + 40, rng))
  expect(baseline.state).toBe('TRAINED')
})

test('learns hour of day and day of week: the error comes near the noise', () => {
  const rng = new Rng(2)
  const baseline = new SeasonalBaseline(HOUR_MS, 'UTC')
  const weeks = 8 * 168
  teach(baseline, weeks, (at) => hourly(at, rng))
  let squares = 0
  let inside = 0
  for (let at = weeks; at < weeks + 168; at++) {
    const { expected, deviation } = baseline.predict(MONDAY_MS + at * HOUR_MS)
    const value = hourly(at, rng)
    squares += (value - expected) ** 2
    if (Math.abs(value - expected) < 2 * deviation) inside++
    baseline.step(MONDAY_MS + at * HOUR_MS, value)
  }
  expect(Math.sqrt(squares / 168)).toBeLessThan(1.8)
  expect(inside / 168).toBeGreaterThan(0.85)
})

test('one outlier moves neither the level nor the spread', () => {
  const rng = new Rng(3)
  const baseline = new SeasonalBaseline(HOUR_MS, 'UTC')
  teach(baseline, 500, (at) => hourly(at, rng))
  const next = MONDAY_MS + 501 * HOUR_MS
  const before = baseline.predict(next)
  baseline.step(MONDAY_MS + 500 * HOUR_MS, 1e6)
  const after = baseline.predict(next)
  expect(Math.abs(after.expected - before.expected)).toBeLessThan(before.deviation)
  expect(after.deviation / before.deviation).toBeLessThan(1.1)
})

test('a lasting new level is taken in', () => {
  const rng = new Rng(4)
  const baseline = new SeasonalBaseline(60_000, 'UTC')
  teach(baseline, 500, () => 100 + rng.normal(), 60_000)
  for (let at = 500; at < 900; at++) baseline.step(MONDAY_MS + at * 60_000, 130 + rng.normal())
  expect(baseline.predict(MONDAY_MS + 900 * 60_000).expected).toBeGreaterThan(125)
})

test('shift makes a new level normal at once', () => {
  const rng = new Rng(5)
  const baseline = new SeasonalBaseline(60_000, 'UTC')
  teach(baseline, 500, () => 100 + rng.normal(), 60_000)
  baseline.shift(30)
  expect(Math.abs(baseline.predict(MONDAY_MS + 500 * 60_000).expected - 130)).toBeLessThan(1)
})

test('periods from a second to a day', () => {
  for (const periodMs of [1_000, 10_000, 60_000, 86_400_000]) {
    const rng = new Rng(7)
    const baseline = new SeasonalBaseline(periodMs, 'UTC')
    teach(baseline, 300, () => 50 + rng.normal(), periodMs)
    const { expected, deviation } = baseline.predict(MONDAY_MS + 300 * periodMs)
    expect(Math.abs(expected - 50)).toBeLessThan(2)
    expect(deviation).toBeGreaterThan(0.5)
    expect(deviation).toBeLessThan(2)
  }
})

test('a constant series has a deviation that can be divided by', () => {
  const baseline = new SeasonalBaseline(HOUR_MS, 'UTC')
  for (let at = 0; at < 100; at++) {
    const residual = baseline.step(MONDAY_MS + at * HOUR_MS, 42)
    expect(residual.seasonal).toBe(0)
  }
  const { expected, deviation } = baseline.predict(MONDAY_MS + 100 * HOUR_MS)
  expect(expected).toBe(42)
  expect(deviation).toBeGreaterThan(0)
  expect(deviation).toBeLessThan(1e-6)
})

test('goes on from a snapshot with the same bits', () => {
  const rng = new Rng(8)
  const one = new SeasonalBaseline(HOUR_MS, 'Europe/Berlin')
  teach(one, 400, (at) => hourly(at, rng))
  const writer = new BinaryWriter('TEST', 1)
  one.save(writer)
  const two = new SeasonalBaseline(HOUR_MS, 'Europe/Berlin')
  two.load(new BinaryReader(writer.finish(), 'TEST', 1))
  for (let at = 400; at < 500; at++) {
    const value = hourly(at, rng)
    expect(two.predict(MONDAY_MS + at * HOUR_MS)).toEqual(one.predict(MONDAY_MS + at * HOUR_MS))
    expect(two.step(MONDAY_MS + at * HOUR_MS, value)).toEqual(one.step(MONDAY_MS + at * HOUR_MS, value))
  }
})
