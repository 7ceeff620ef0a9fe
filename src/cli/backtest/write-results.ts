import { join } from 'node:path'
import type { CsvSeries } from '../../adapters/csv/read-series.ts'
import { mergeAlerts } from './event-score.ts'
import { writeWhole } from './files.ts'
import type { LabelWindow } from './labels.ts'
import { filePage, indexPage } from './report.ts'
import { resultCsv } from './result-csv.ts'
import type { SeriesRun } from './run-series.ts'
import type { ScoredFile } from './scored-file.ts'
import { type BacktestSummary, type FileSummary, summarize } from './summary.ts'

/** Where results go. */
export interface ResultSettings {
  readonly out: string
  readonly report: boolean
}

/** One series with what was said of it. */
export interface SeriesResult {
  /** Of the result file below the output folder, with `/`. */
  readonly name: string
  readonly series: CsvSeries
  readonly run: SeriesRun
  readonly periodMs: number
  readonly windows: readonly LabelWindow[] | undefined
}

/** Writes series after series as they are scored, and the summary of all at the end. */
export class ResultWriter {
  readonly #settings: ResultSettings
  readonly #summaries: FileSummary[] = []
  readonly #labelled: ScoredFile[] = []

  constructor(settings: ResultSettings) {
    this.#settings = settings
  }

  async add({ name, series, run, periodMs, windows }: SeriesResult): Promise<void> {
    const { out, report } = this.#settings
    await writeWhole(join(out, name), resultCsv(series, run))
    const grades = Float64Array.from(run.points, (point) => point.grade)
    const flagged = [...grades.keys()].filter((at) => (grades[at] ?? 0) > 0)
    const { timestamps } = series
    const summary: FileSummary = {
      name,
      rows: run.points.length,
      periodMs,
      lateRows: run.lateRows,
      missingPeriods: run.missingPeriods,
      missingValues: series.values.filter(Number.isNaN).length,
      alerts: mergeAlerts(flagged).length,
    }
    this.#summaries.push(summary)
    const plot = { timestamps, points: run.points, windows: windows ?? [] }
    const back = `${'../'.repeat(name.split('/').length - 1)}index.html`
    if (report) await writeWhole(join(out, `${name}.html`), filePage(summary, plot, back))
    const scores = Float64Array.from(run.points, (point) => point.score)
    if (windows !== undefined) this.#labelled.push({ name, timestamps, scores, grades, windows })
  }

  /** Writes summary.json and index.html. `seconds` were spent on scoring. */
  async finish(seconds: number): Promise<BacktestSummary> {
    const { out, report } = this.#settings
    const summary = summarize(this.#summaries, this.#labelled, seconds)
    await writeWhole(join(out, 'summary.json'), `${JSON.stringify(summary, undefined, 2)}\n`)
    if (report) await writeWhole(join(out, 'index.html'), indexPage(summary))
    return summary
  }
}
