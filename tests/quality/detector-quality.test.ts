import { expect, test } from 'vitest'
import { type EventScore, eventScore } from '../../src/cli/backtest/event-score.ts'
import { cleanCorpus, labelledCorpus } from './corpus.ts'
import { judged, plainForest, shipped, trivialControl } from './evaluate.ts'

/** Every fifth series: all periods, noises and seasons come up, in seconds. `npm run bench -- quality` runs them all. */
const SERIES = labelledCorpus(11, 1).filter((_, i) => i % 5 === 0)
const CLEAN = cleanCorpus(11, 5_000).filter((_, i) => i % 5 === 0)

function averagePrecisionOf(score: EventScore): number {
  return score.averagePrecision ?? 0
}

test('the shipped detector finds more than the controls, with fewer false alarms', () => {
  const ours = eventScore(judged(SERIES, shipped(1)))
  const trivial = eventScore(judged(SERIES, trivialControl))
  const forest = eventScore(judged(SERIES, plainForest(1)))
  expect(ours.f1).toBeGreaterThan(0.5)
  expect(ours.falseAlarmsPer1000).toBeLessThan(0.5)
  expect(averagePrecisionOf(ours)).toBeGreaterThan(0.45)
  for (const control of [trivial, forest]) {
    expect(ours.f1).toBeGreaterThan(control.f1)
    expect(averagePrecisionOf(ours)).toBeGreaterThan(averagePrecisionOf(control))
  }
}, 300_000)

test('on clean series about one alert in 5,000 points at most', () => {
  const score = eventScore(judged(CLEAN, shipped(1)))
  const points = CLEAN.reduce((sum, series) => sum + series.values.length, 0)
  expect(score.alerts).toBeLessThanOrEqual(1.2 * (points / 5_000))
}, 300_000)
