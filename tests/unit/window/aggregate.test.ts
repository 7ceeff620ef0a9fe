import { describe, expect, it } from 'vitest'
import { BinaryReader, BinaryWriter } from '../../../src/core/binary.ts'
import { Aggregate, type CounterBase, type Reading, readingOf } from '../../../src/window/aggregate.ts'
import { QuantileSketch } from '../../../src/window/quantile-sketch.ts'
import { parseStatistic } from '../../../src/window/statistic.ts'

type Points = readonly (readonly [timestampMs: number, value: number])[]

function finish(statistic: string, reading: Reading, points: Points, base?: CounterBase): number {
  const aggregate = new Aggregate(reading, 'exact')
  for (const [timestampMs, value] of points) aggregate.add(timestampMs, value)
  return aggregate.finish(parseStatistic(statistic)!, base, 60_000)
}

describe('readingOf', () => {
  it.each([
    ['auto', 'gauge', 'raw'],
    ['auto', 'unknown', 'raw'],
    ['auto', 'cumulative', 'cumulative'],
    ['auto', 'delta', 'delta'],
    ['rate', 'unknown', 'cumulative'],
    ['rate', 'delta', 'delta'],
    ['raw', 'cumulative', 'raw'],
    ['raw', 'delta', 'raw'],
  ] as const)('%s of a %s is %s', (policy, kind, reading) => {
    expect(readingOf(policy, kind)).toBe(reading)
  })
})

describe('Aggregate', () => {
  const GAUGE: Points = [
    [0, 4],
    [15_000, 1],
    [30_000, 10],
    [45_000, 5],
  ]

  it.each([
    ['Average', 5],
    ['Sum', 20],
    ['Minimum', 1],
    ['Maximum', 10],
    ['SampleCount', 4],
    ['p50', 4.5],
    ['p100', 10],
  ])('%s of a gauge is %d', (statistic, expected) => {
    expect(finish(statistic, 'raw', GAUGE)).toBe(expected)
  })

  // 100 in the 10 s before, then 60 in 20 s; a restart; 20 in 20 s since 0.
  const COUNTER: Points = [
    [0, 1_100],
    [20_000, 1_160],
    [40_000, 20],
  ]
  const BASE = { timestampMs: -10_000, value: 1_000 }

  it.each([
    ['Average', 180 / 50],
    ['Sum', 180],
    ['Minimum', 1],
    ['Maximum', 10],
    ['SampleCount', 3],
    ['p50', 3],
  ])('%s of a counter with a reset is %d', (statistic, expected) => {
    expect(finish(statistic, 'cumulative', COUNTER, BASE)).toBeCloseTo(expected, 12)
  })

  it('counts within the period alone when nothing is known from before', () => {
    expect(finish('Average', 'cumulative', COUNTER)).toBeCloseTo(80 / 40, 12)
    expect(finish('Average', 'cumulative', COUNTER.slice(0, 1))).toBeNaN()
    expect(finish('SampleCount', 'cumulative', COUNTER.slice(0, 1))).toBe(1)
  })

  it.each([
    ['Average', 20 / 60],
    ['Sum', 20],
    ['Maximum', 10],
  ])('%s of deltas is %d', (statistic, expected) => {
    expect(finish(statistic, 'delta', GAUGE)).toBeCloseTo(expected, 12)
  })

  it.each(['raw', 'cumulative', 'delta'] as const)('survives a snapshot: %s', (reading) => {
    const aggregate = new Aggregate(reading, new QuantileSketch())
    for (const [timestampMs, value] of COUNTER) aggregate.add(timestampMs, value)
    const writer = new BinaryWriter('TEST', 1)
    aggregate.save(writer)
    const loaded = Aggregate.load(new BinaryReader(writer.finish(), 'TEST', 1))
    for (const one of [aggregate, loaded]) one.add(50_000, 33)
    expect(loaded.base).toEqual(aggregate.base)
    for (const statistic of ['SampleCount', 'p90']) {
      const parsed = parseStatistic(statistic)!
      expect(loaded.finish(parsed, undefined, 60_000)).toBe(aggregate.finish(parsed, undefined, 60_000))
    }
  })
})
