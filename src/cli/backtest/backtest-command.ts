import { join } from 'node:path'
import type { Command } from 'commander'
import { readCsvSeries } from '../../adapters/csv/read-series.ts'
import { parseDuration } from '../../core/duration.ts'
import { TidegaugeError } from '../../core/errors.ts'
import { createDetector } from '../../pipeline/detector/create-detector.ts'
import { DETECTOR_DEFAULTS } from '../../pipeline/detector/options.ts'
import { mergeAlerts } from './event-score.ts'
import { findCsvFiles, type InputFile, refuseSameFolder, writeWhole } from './files.ts'
import { type Labels, readLabels } from './labels.ts'
import { startProgress } from './progress.ts'
import { filePage, indexPage } from './report.ts'
import { resultCsv } from './result-csv.ts'
import { inferPeriod, runSeries } from './run-series.ts'
import type { ScoredFile } from './scored-file.ts'
import { type BacktestSummary, type FileSummary, renderSummary, summarize, windowsOf } from './summary.ts'

interface BacktestFlags {
  readonly out: string
  readonly labels?: string
  readonly period?: string
  readonly value?: string
  readonly seed: string
  readonly report: boolean
  readonly json?: true
}

interface Settings {
  readonly out: string
  readonly labels: Labels
  readonly periodMs: number | undefined
  readonly valueName: string | undefined
  readonly seed: string
  readonly report: boolean
}

/** `tidegauge backtest PATH --out OUT`: scores CSV files as the stream would, and says how well when labels are given. */
export function backtestCommand(program: Command): void {
  program
    .command('backtest')
    .description('score CSV files (timestamp,value) exactly as the stream would: a score uses nothing after its record')
    .argument('<path>', 'a CSV file, or a folder of them')
    .requiredOption('--out <folder>', 'where results go: the same tree, a CSV and an HTML page a file, index.html')
    .option('--labels <file>', 'JSON {"folder/file.csv": [["start", "end"], ...]}: adds events, delay and NAB scores')
    .option('--period <duration>', 'period of the records; told from the timestamps when left out')
    .option('--value <column>', 'column of the value', undefined)
    .option('--seed <text>', 'the same seed gives the same scores', '1')
    .option('--no-report', 'write no HTML')
    .option('--json', 'print the summary as JSON')
    .action(async (path: string, flags: BacktestFlags) => {
      const summary = await backtest(path, {
        out: flags.out,
        labels: flags.labels === undefined ? new Map() : await readLabels(flags.labels),
        periodMs: flags.period === undefined ? undefined : periodOf(flags.period),
        valueName: flags.value,
        seed: flags.seed,
        report: flags.report,
      })
      process.stdout.write(`${flags.json === true ? JSON.stringify(summary) : renderSummary(summary)}\n`)
    })
}

function periodOf(text: string): number {
  const periodMs = parseDuration(text)
  if (periodMs !== undefined && periodMs >= 1000 && periodMs <= 86_400_000) return periodMs
  const hint = 'give 1s to 1d, such as 5m'
  throw new TidegaugeError('CONFIG_INVALID', `${text} is no period`, { where: '--period', hint })
}

async function backtest(path: string, settings: Settings): Promise<BacktestSummary> {
  refuseSameFolder(path, settings.out)
  const files = await findCsvFiles(path)
  const progress = startProgress(files.length)
  const summaries: FileSummary[] = []
  const labelled: ScoredFile[] = []
  let seconds = 0
  try {
    for (const file of files) {
      const scored = await scoreFile(file, settings)
      summaries.push(scored.summary)
      seconds += scored.seconds
      if (scored.labelled !== undefined) labelled.push(scored.labelled)
      progress.advance(file.name)
    }
  } finally {
    progress.stop()
  }
  const summary = summarize(summaries, labelled, seconds)
  await writeWhole(join(settings.out, 'summary.json'), `${JSON.stringify(summary, undefined, 2)}\n`)
  if (settings.report) await writeWhole(join(settings.out, 'index.html'), indexPage(summary))
  return summary
}

interface Scored {
  readonly summary: FileSummary
  readonly labelled: ScoredFile | undefined
  readonly seconds: number
}

async function scoreFile(file: InputFile, settings: Settings): Promise<Scored> {
  const series = await readCsvSeries(file.path, settings.valueName)
  const periodMs = settings.periodMs ?? inferPeriod(file.path, series.timestamps)
  const setup = { ...DETECTOR_DEFAULTS, inputs: ['value'], periodMs }
  const detector = createDetector(setup, [settings.seed, file.name])
  const started = performance.now()
  const run = runSeries(file.path, series, periodMs, detector)
  const seconds = (performance.now() - started) / 1000
  detector.dispose()
  await writeWhole(join(settings.out, file.name), resultCsv(series, run))
  const grades = Float64Array.from(run.points, (point) => point.grade)
  const flagged = [...grades.keys()].filter((at) => (grades[at] ?? 0) > 0)
  const windows = windowsOf(settings.labels, file.name)
  const summary: FileSummary = {
    name: file.name,
    rows: run.points.length,
    periodMs,
    lateRows: run.lateRows,
    missingPeriods: run.missingPeriods,
    missingValues: series.values.filter(Number.isNaN).length,
    alerts: mergeAlerts(flagged).length,
  }
  const plot = { timestamps: series.timestamps, points: run.points, windows: windows ?? [] }
  const back = `${'../'.repeat(file.name.split('/').length - 1)}index.html`
  if (settings.report) await writeWhole(join(settings.out, `${file.name}.html`), filePage(summary, plot, back))
  const scores = Float64Array.from(run.points, (point) => point.score)
  const labelled =
    windows === undefined ? undefined : { name: file.name, timestamps: series.timestamps, scores, grades, windows }
  return { summary, labelled, seconds }
}
