import { type EventScore, eventScore, mergeAlerts } from '../../src/cli/backtest/event-score.ts'
import { probation, type ScoredFile } from '../../src/cli/backtest/scored-file.ts'
import { startProgress } from '../../src/cli/progress.ts'
import { cleanCorpus, labelledCorpus } from '../quality/corpus.ts'
import { type Judge, judged, type LabelledSeries, plainForest, shipped, trivialControl } from '../quality/evaluate.ts'
import { cleanServices, serviceCorpus } from '../quality/service-corpus.ts'

const SEEDS = 5
const CLEAN_SEEDS = [1, 2]
const CORPORA: Readonly<Record<string, (seed: number) => readonly LabelledSeries[]>> = {
  noises: (seed) => labelledCorpus(seed, 1),
  services: (seed) => serviceCorpus(seed),
}
const JUDGES: Readonly<Record<string, (seed: number) => Judge>> = {
  tidegauge: shipped,
  '|value - running mean|, z > 4': () => trivialControl,
  'plain forest, shingle 8': plainForest,
}
/** An alert counts from this grade on; 0 is any grade. */
const GRADES = [0, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]

interface Spread {
  readonly mean: number
  readonly deviation: number
}

function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) }
}

type Print = (line: string) => void
const withSpread = ({ mean, deviation }: Spread) => `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`

/** Mean and spread over the seeds of what a judge finds in a corpus. */
function row(corpus: string, judge: string, scores: readonly EventScore[], print: Print) {
  const of = (pick: (score: EventScore) => number) => spread(scores.map(pick))
  const f1 = of((score) => score.f1)
  const averagePrecision = of((score) => score.averagePrecision ?? 0)
  const falseAlarmsPer1000 = of((score) => score.falseAlarmsPer1000).mean
  const [precision, recall] = [of((score) => score.precision).mean, of((score) => score.recall).mean]
  print(
    `${corpus.padEnd(9)} ${judge.padEnd(30)} F1 ${withSpread(f1)} (precision ${precision.toFixed(2)}, ` +
      `recall ${recall.toFixed(2)}), ${falseAlarmsPer1000.toFixed(2)} false alarms per 1,000, ` +
      `average precision ${withSpread(averagePrecision)}`,
  )
  return { corpus, judge, f1, precision, recall, falseAlarmsPer1000, averagePrecision }
}

/** Shares of the incidents of each kind that are hit. */
function recallByKind(series: readonly LabelledSeries[], files: readonly ScoredFile[]) {
  const kinds = new Map<string, { hit: number; all: number }>()
  series.forEach(({ events, values }, i) => {
    for (const { kind, first, last } of events) {
      if (last < probation(values.length)) continue
      const { hit, all } = kinds.get(kind) ?? { hit: 0, all: 0 }
      const near = files[i]?.grades.subarray(Math.max(0, first - 1), last + 4) ?? []
      kinds.set(kind, { hit: hit + (near.some((grade) => grade > 0) ? 1 : 0), all: all + 1 })
    }
  })
  return Object.fromEntries([...kinds].map(([kind, { hit, all }]) => [kind, hit / all]))
}

interface Rate {
  alerts: number
  records: number
}

const per5000 = ({ alerts, records }: Rate) => (5_000 * alerts) / records

/** Alerts of clean series, for each part of their names: period, kind, season; and for each grade. */
class CleanRates {
  readonly #parts = new Map<string, Rate>()
  readonly #grades = GRADES.map((): Rate => ({ alerts: 0, records: 0 }))

  add({ name, grades }: ScoredFile): void {
    const from = probation(grades.length)
    const records = grades.length - from
    const alertsFrom = (least: number) => {
      const flagged: number[] = []
      for (let at = from; at < grades.length; at++) {
        const grade = grades[at] ?? 0
        if (grade > 0 && grade >= least) flagged.push(at)
      }
      return mergeAlerts(flagged).length
    }
    GRADES.forEach((least, i) => {
      const sum = this.#grades[i]
      if (sum !== undefined)
        Object.assign(sum, { alerts: sum.alerts + alertsFrom(least), records: sum.records + records })
    })
    for (const part of name.replace('.csv', '').split(/[/_]/)) {
      const sum = this.#parts.get(part) ?? { alerts: 0, records: 0 }
      this.#parts.set(part, { alerts: sum.alerts + alertsFrom(0), records: sum.records + records })
    }
  }

  report(print: Print) {
    const kinds = Object.fromEntries([...this.#parts].map(([part, rate]) => [part, per5000(rate)]))
    const grades = GRADES.map((grade, i) => ({ grade, alerts: per5000(this.#grades[i] ?? { alerts: 0, records: 1 }) }))
    print('alerts in 5,000 points of clean series, by period, kind and season:')
    for (const [part, rate] of Object.entries(kinds)) print(`  ${part.padEnd(16)} ${rate.toFixed(2)}`)
    print('alerts in 5,000 points of clean series, from a grade on:')
    for (const { grade, alerts } of grades) print(`  ${grade === 0 ? 'any ' : grade.toFixed(2)}  ${alerts.toFixed(3)}`)
    return { kinds, grades }
  }
}

/**
 * `npm run bench -- quality [--seeds 5] [--json]`: the shipped detector, the trivial control and a plain forest on so
 * many seeds of two made corpora, and the shipped one's alerts on clean series, two seeds of every kind. About a
 * minute a seed, and two.
 */
export async function bench(args: readonly string[]): Promise<unknown> {
  const given = args.indexOf('--seeds')
  const seeds = Array.from({ length: given < 0 ? SEEDS : Number(args[given + 1]) }, (_, i) => i + 1)
  const rounds = seeds.length * Object.keys(CORPORA).length * Object.keys(JUDGES).length + CLEAN_SEEDS.length
  const progress = startProgress(rounds, 'rounds')
  const print: Print = (line) => progress.write(`${line}\n`, process.stdout)
  const rows: unknown[] = []
  const kinds: Record<string, unknown> = {}
  for (const [corpus, make] of Object.entries(CORPORA)) {
    const made = seeds.map(make)
    for (const [judge, of] of Object.entries(JUDGES)) {
      const files = made.map((series, i) => {
        const found = judged(series, of(seeds[i] ?? 1))
        progress.advance(`${corpus}, ${judge}`)
        return found
      })
      rows.push(row(corpus, judge, files.map(eventScore), print))
      if (judge !== 'tidegauge') continue
      const found = recallByKind(made.flat(), files.flat())
      kinds[corpus] = found
      print(
        `  found: ${Object.entries(found)
          .map(([kind, share]) => `${kind} ${share.toFixed(2)}`)
          .join(', ')}`,
      )
    }
  }
  const clean = new CleanRates()
  for (const seed of CLEAN_SEEDS) {
    for (const series of [...cleanCorpus(seed), ...cleanServices(seed)]) {
      for (const file of judged([series], shipped(seed))) clean.add(file)
    }
    progress.advance('clean series')
  }
  progress.stop()
  return { rows, found: kinds, clean: clean.report(print) }
}
