import { type EventScore, eventScore } from '../../src/cli/backtest/event-score.ts'
import { cleanCorpus, labelledCorpus, type MadeSeries } from '../quality/corpus.ts'
import { type Judge, judged, plainForest, shipped, trivialControl } from '../quality/evaluate.ts'

const SEEDS = [1, 2, 3, 4, 5]

interface Row {
  readonly judge: string
  readonly f1: number
  readonly f1Deviation: number
  readonly falseAlarmsPer1000: number
  readonly averagePrecision: number
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}

function row(judge: string, scores: readonly EventScore[]): Row {
  return {
    judge,
    f1: mean(scores.map((score) => score.f1)),
    f1Deviation: deviation(scores.map((score) => score.f1)),
    falseAlarmsPer1000: mean(scores.map((score) => score.falseAlarmsPer1000)),
    averagePrecision: mean(scores.map((score) => score.averagePrecision ?? 0)),
  }
}

/** Alerts in 5,000 points of clean series, for each part of their names: period, noise, season. */
function cleanRates(series: readonly MadeSeries[], judge: Judge): Readonly<Record<string, number>> {
  const alerts = new Map<string, { alerts: number; points: number }>()
  for (const each of series) {
    const found = eventScore(judged([each], judge)).alerts
    for (const part of ['all', ...each.name.replace('.csv', '').split(/[/_]/)]) {
      const sum = alerts.get(part) ?? { alerts: 0, points: 0 }
      alerts.set(part, { alerts: sum.alerts + found, points: sum.points + 0.85 * each.values.length })
    }
  }
  return Object.fromEntries([...alerts].map(([part, sum]) => [part, (5_000 * sum.alerts) / sum.points]))
}

/**
 * `npm run bench -- quality [--json]`: the shipped detector, the trivial control and a plain forest on five made
 * corpora, and the shipped one's alerts on clean series. About ten minutes.
 */
export async function bench(): Promise<unknown> {
  const corpora = SEEDS.map((seed) => labelledCorpus(seed, 1))
  const scored = (judge: (seed: number) => Judge) =>
    corpora.map((corpus, i) => eventScore(judged(corpus, judge(SEEDS[i] ?? 1))))
  const rows = [
    row('tidegauge', scored(shipped)),
    row(
      '|value - running mean|, z > 4',
      scored(() => trivialControl),
    ),
    row('plain forest, shingle 8', scored(plainForest)),
  ]
  for (const { judge, f1, f1Deviation, falseAlarmsPer1000, averagePrecision } of rows) {
    const figures = `F1 ${f1.toFixed(3)} ± ${f1Deviation.toFixed(3)}, ${falseAlarmsPer1000.toFixed(2)} false alarms per 1,000`
    process.stdout.write(`${judge.padEnd(32)} ${figures}, average precision ${averagePrecision.toFixed(3)}\n`)
  }
  const clean = cleanRates(cleanCorpus(1), shipped(1))
  process.stdout.write('alerts in 5,000 points of clean series:\n')
  for (const [part, rate] of Object.entries(clean)) process.stdout.write(`  ${part.padEnd(16)} ${rate.toFixed(2)}\n`)
  return { rows, clean }
}
