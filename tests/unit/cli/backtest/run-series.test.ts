import { expect, test } from 'vitest'
import { parseCsvSeries } from '../../../../src/adapters/csv/read-series.ts'
import { inferPeriod, runSeries } from '../../../../src/cli/backtest/run-series.ts'
import type { PeriodPoint } from '../../../../src/pipeline/detector/contract.ts'
import { createDetector } from '../../../../src/pipeline/detector/create-detector.ts'
import { DETECTOR_DEFAULTS } from '../../../../src/pipeline/detector/options.ts'

const MINUTE_MS = 60_000

function csv(rows: readonly string[]) {
  return parseCsvSeries('x.csv', `timestamp,value\n${rows.join('\n')}\n`)
}

/** The real detector, and what it was given. */
function watched() {
  const detector = createDetector({ ...DETECTOR_DEFAULTS, inputs: ['value'], periodMs: MINUTE_MS }, ['t'])
  const seen: PeriodPoint[] = []
  const step = (point: PeriodPoint) => {
    seen.push(point)
    return detector.step(point)
  }
  return { seen, detector: { ...detector, step, byteSize: 0 } as unknown as typeof detector }
}

test('the period is the usual distance of the rows', () => {
  const { timestamps } = csv([
    '2024-01-01 00:00:00,1',
    '2024-01-01 00:05:00,1',
    '2024-01-01 00:10:00,1',
    '2024-01-01 03:00:00,1',
  ])
  expect(inferPeriod('x.csv', timestamps)).toBe(5 * MINUTE_MS)
  expect(() => inferPeriod('x.csv', csv(['2024-01-01,1']).timestamps)).toThrow(/no period/)
})

test('gaps are stepped as missing periods', () => {
  const { seen, detector } = watched()
  const run = runSeries('x.csv', csv(['2024-01-01 00:00:00,1', '2024-01-01 00:03:00,2']), MINUTE_MS, detector)
  expect(run.missingPeriods).toBe(2)
  expect(seen.map((point) => point.values[0])).toEqual([1, Number.NaN, Number.NaN, 2])
  expect(seen.map((point) => point.timestampMs - (seen[0]?.timestampMs ?? 0))).toEqual([0, 60_000, 120_000, 180_000])
})

test('a row that repeats a timestamp carries the score before it and teaches nothing', () => {
  const { seen, detector } = watched()
  const rows = ['2024-01-01 00:00:00,1', '2024-01-01 00:01:00,2', '2024-01-01 00:01:00,99', '2024-01-01 00:02:00,3']
  const run = runSeries('x.csv', csv(rows), MINUTE_MS, detector)
  expect(run.lateRows).toBe(1)
  expect(run.points).toHaveLength(4)
  expect(run.points[2]).toBe(run.points[1])
  expect(seen.map((point) => point.values[0])).toEqual([1, 2, 3])
})

test('an unordered file is refused with the line', () => {
  const rows = Array.from({ length: 50 }, (_, i) => `2024-01-01 00:${String(59 - i).padStart(2, '0')}:00,1`)
  const { detector } = watched()
  expect(() => runSeries('x.csv', csv(rows), MINUTE_MS, detector)).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID', where: 'x.csv:3' }),
  )
})
