import { expect, test } from 'vitest'
import { averagePrecision, eventScore } from '../../../../src/cli/backtest/event-score.ts'
import type { ScoredFile } from '../../../../src/cli/backtest/scored-file.ts'

/** 100 records a minute apart; grades at the given records; windows by record number. */
function file(flagged: readonly number[], windows: readonly (readonly [number, number])[]): ScoredFile {
  const timestamps = Float64Array.from({ length: 100 }, (_, i) => i * 60_000)
  const grades = Float64Array.from(timestamps, (_, i) => (flagged.includes(i) ? 1 : 0))
  return {
    name: 'f.csv',
    timestamps,
    grades,
    scores: grades,
    windows: windows.map(([first, last]) => ({ startMs: first * 60_000, endMs: last * 60_000 })),
  }
}

test('an alert meets a window from one record before it to three after it', () => {
  for (const [at, hit] of [
    [48, 0],
    [49, 1],
    [55, 1],
    [63, 1],
    [64, 0],
  ] as const) {
    const score = eventScore([file([at], [[50, 60]])])
    expect([at, score.windowsHit]).toEqual([at, hit])
    expect(score.falseAlarms).toBe(1 - hit)
  }
})

test('flagged records up to five apart are one alert, probation is not counted', () => {
  expect(eventScore([file([20, 25, 31], [[20, 31]])]).alerts).toBe(2)
  expect(eventScore([file([3, 14], [[50, 60]])]).alerts).toBe(0)
})

test('an alert without end is false even where it meets a window', () => {
  const long = Array.from({ length: 60 }, (_, i) => 30 + i)
  expect(eventScore([file(long, [[50, 54]])])).toMatchObject({ windowsHit: 0, falseAlarms: 1, f1: 0 })
  expect(eventScore([file(long, [[40, 80]])])).toMatchObject({ windowsHit: 1, falseAlarms: 0, f1: 1 })
})

test('precision, recall and delay are pooled over the files', () => {
  const score = eventScore([file([52, 80], [[50, 60]]), file([], [[30, 40]])])
  expect(score).toMatchObject({ precision: 0.5, recall: 0.5, f1: 0.5, delayRecords: 2, windows: 2 })
  expect(score.falseAlarmsPer1000).toBeCloseTo(1000 / 170, 9)
})

test('average precision: ties share a threshold', () => {
  expect(averagePrecision([3, 2, 1], [true, false, true])).toBeCloseTo((1 / 1 + 2 / 3) / 2, 12)
  expect(averagePrecision([1, 1, 1, 1], [true, false, false, false])).toBeCloseTo(0.25, 12)
  expect(averagePrecision([1, 2], [false, false])).toBeUndefined()
})
