import { expect, test } from 'vitest'
import { type EventScore, eventScore } from '../../src/cli/backtest/event-score.ts'
import { cleanCorpus, labelledCorpus } from './corpus.ts'
import { judged, type LabelledSeries, plainForest, shipped, trivialControl } from './evaluate.ts'
import { cleanServices, serviceCorpus } from './service-corpus.ts'

/** Every fifth series: all periods, kinds and seasons come up, in seconds. `npm run bench -- quality` runs them all. */
function some(series: readonly LabelledSeries[]): readonly LabelledSeries[] {
  return series.filter((_, i) => i % 5 === 0)
}

function averagePrecisionOf(score: EventScore): number {
  return score.averagePrecision ?? 0
}

test.each([
  ['noises of every kind', some(labelledCorpus(11, 1))],
  ['metrics of services', some(serviceCorpus(11))],
])(
  '%s: the shipped detector ranks better than the controls, with half their false alarms',
  (_, series) => {
    const ours = eventScore(judged(series, shipped(1)))
    expect(ours.f1).toBeGreaterThan(0.5)
    expect(ours.falseAlarmsPer1000).toBeLessThan(0.3)
    expect(averagePrecisionOf(ours)).toBeGreaterThan(0.45)
    const trivial = eventScore(judged(series, trivialControl))
    const forest = eventScore(judged(series, plainForest(1)))
    expect(ours.f1).toBeGreaterThan(trivial.f1)
    // On so few series the F1 of a forest that alerts at anything comes close: at several times the false alarms.
    expect(ours.falseAlarmsPer1000).toBeLessThan(0.5 * Math.min(trivial.falseAlarmsPer1000, forest.falseAlarmsPer1000))
    for (const control of [trivial, forest]) {
      expect(averagePrecisionOf(ours)).toBeGreaterThan(averagePrecisionOf(control))
    }
  },
  300_000,
)

test('on clean series no more than one alert in 5,000 points', () => {
  const clean = some([...cleanCorpus(11, 5_000), ...cleanServices(11, 5_000)])
  const score = eventScore(judged(clean, shipped(1)))
  const points = clean.reduce((sum, series) => sum + series.values.length, 0)
  expect(score.alerts).toBeLessThanOrEqual(points / 5_000)
}, 300_000)
