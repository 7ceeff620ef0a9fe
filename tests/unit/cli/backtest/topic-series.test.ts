import { expect, test } from 'vitest'
import type { ScoredInput, ScoredPoint } from '../../../../src/band/scored-point.ts'
import { TopicSeries } from '../../../../src/cli/backtest/topic-series.ts'
import { makeSeries } from '../../../../src/core/series.ts'

const PERIOD_MS = 60_000

function input(name: string, value: number): ScoredInput {
  return { name, value, observed: !Number.isNaN(value), expected: 1, lower: 0, upper: 2 }
}

function point(index: number, ...inputs: ScoredInput[]): ScoredPoint {
  const missing = inputs.every(({ value }) => Number.isNaN(value))
  return {
    timestampMs: index * PERIOD_MS,
    inputs,
    score: index,
    grade: 0,
    confidence: 1,
    reason: missing ? 'missing' : 'normal',
    state: 'TRAINED',
    model: 'seasonal-baseline',
    attribution: [],
  }
}

test('a result a series in order of the keys, with instants, values and missing periods', () => {
  const found = new TopicSeries()
  const [b, a] = [makeSeries('cpu', { host: 'b' }), makeSeries('cpu', { host: 'a' })]
  found.add({ series: b, point: point(1, input('cpu', 5)) })
  found.add({ series: a, point: point(1, input('cpu', 3)) })
  found.add({ series: a, point: point(2, input('cpu', Number.NaN)) })
  const results = [...found.results(PERIOD_MS)]
  expect(results.map(({ key, name }) => [key, name])).toEqual([
    ['cpu{host="a"}', 'cpu_host=a.csv'],
    ['cpu{host="b"}', 'cpu_host=b.csv'],
  ])
  expect(results[0]?.series.texts).toEqual(['1970-01-01T00:01:00.000Z', '1970-01-01T00:02:00.000Z'])
  expect([...(results[0]?.series.values ?? [])]).toEqual([3, Number.NaN])
  expect(results[0]?.run).toMatchObject({ lateRows: 0, missingPeriods: 1 })
})

test('an entity is a result an input; names that files cannot have, or that are taken, are changed', () => {
  const found = new TopicSeries()
  for (const path of ['/x', '?x', '..']) {
    found.add({ series: makeSeries('io', { path }), point: point(0, input('read', 1), input('write', 2)) })
  }
  const results = [...found.results(PERIOD_MS)]
  const names = results.map(({ name }) => name)
  expect(new Set(names).size).toBe(6)
  for (const name of names) expect(name).toMatch(/^io[\w.=,-]*\.csv$/)
  expect(results.map(({ run }) => run.points[0]?.inputs.map(({ name }) => name)).slice(0, 2)).toEqual([
    ['read'],
    ['write'],
  ])
})
