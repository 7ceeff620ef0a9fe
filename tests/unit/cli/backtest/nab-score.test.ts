import { expect, test } from 'vitest'
import { nabScores } from '../../../../src/cli/backtest/nab-score.ts'
import type { ScoredFile } from '../../../../src/cli/backtest/scored-file.ts'

const WINDOW = { startMs: 60 * 60_000, endMs: 79 * 60_000 }

function file(detections: readonly number[], windows = [WINDOW]): ScoredFile {
  const timestamps = Float64Array.from({ length: 200 }, (_, i) => i * 60_000)
  const scores = Float64Array.from(timestamps, (_, i) => (detections.includes(i) ? 1 : 0))
  return { name: 'f.csv', timestamps, scores, grades: scores, windows }
}

function standard(detections: readonly number[]): number {
  return nabScores([file(detections)])?.standard.score ?? Number.NaN
}

test('a detection at the start of the window is all, at its end little, none is nothing', () => {
  expect(standard([60])).toBeCloseTo(100, 9)
  const sigmoid = (y: number) => 2 / (1 + Math.exp(5 * y)) - 1
  expect(standard([79])).toBeCloseTo((100 * (1 + sigmoid(-1 / 20) / sigmoid(-1))) / 2, 9)
  expect(standard([])).toBe(0)
})

test('of two detections in a window the earlier counts', () => {
  expect(standard([70, 62])).toBeCloseTo(standard([62]), 9)
})

test('a false detection costs its weight: all before any window, less close after one, all far away', () => {
  const before = nabScores([file([40, 60])])
  expect(before?.standard.score).toBeCloseTo(100 - (100 * 0.11) / 2, 9)
  expect(before?.rewardLowFalsePositives.score).toBeCloseTo(100 - (100 * 0.22) / 2, 9)
  expect(standard([60, 82])).toBeGreaterThan(standard([60, 140]))
  expect(standard([60, 199])).toBeCloseTo(100 - (100 * 0.11) / 2, 9)
})

test('detections in probation do not count', () => {
  expect(standard([5, 60])).toBeCloseTo(100, 9)
})

test('the threshold is the best one for all files', () => {
  const noisy = file([])
  noisy.scores.set(noisy.timestamps.map((_, i) => (i % 3 === 0 ? 0.4 : 0)))
  const scores = nabScores([file([61]), { ...noisy, windows: [] }])
  expect(scores?.standard.threshold).toBe(1)
  expect(scores?.standard.falseRecords).toBe(0)
})

test('without labelled windows there is no score', () => {
  expect(nabScores([file([1], [])])).toBeUndefined()
})
