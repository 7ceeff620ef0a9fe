import type { Command } from 'commander'
import { readCsvSeries } from '../../adapters/csv/read-series.ts'
import type { FlagValues } from '../../config/settings.ts'
import { parseDuration } from '../../core/duration.ts'
import { TidegaugeError } from '../../core/errors.ts'
import { createDetector } from '../../pipeline/detector/create-detector.ts'
import { DETECTOR_DEFAULTS } from '../../pipeline/detector/options.ts'
import { addBrokerOptions } from '../broker-options.ts'
import { startProgress } from '../progress.ts'
import { backtestTopic } from './backtest-topic.ts'
import { findCsvFiles, type InputFile, refuseSameFolder } from './files.ts'
import { type Labels, readLabels } from './labels.ts'
import { inferPeriod, runSeries } from './run-series.ts'
import { type BacktestSummary, renderSummary, windowsOf } from './summary.ts'
import { type ResultSettings, ResultWriter, type SeriesResult } from './write-results.ts'

interface BacktestFlags extends FlagValues {
  readonly out: string
  readonly labels?: string
  readonly period?: string
  readonly value?: string
  readonly seed: string
  readonly topic?: string
  readonly report: boolean
  readonly json?: true
}

interface Settings extends ResultSettings {
  readonly labels: Labels
  readonly periodMs: number | undefined
  readonly valueName: string | undefined
  readonly seed: string
}

/** `tidegauge backtest PATH|--topic T --out OUT`: scores a past as the stream would, and says how well when labels are given. */
export function backtestCommand(program: Command): void {
  const command = program
    .command('backtest')
    .description('score a past exactly as the stream would: a score uses nothing after its record')
    .argument('[path]', 'a CSV file (timestamp,value), or a folder of them')
    .requiredOption('--out <folder>', 'where results go: the same tree, a CSV and an HTML page a file, index.html')
    .option('--labels <file>', 'JSON {"folder/file.csv": [["start", "end"], ...]}: adds events, delay and NAB scores')
    .option('--period <duration>', 'period of the records; told from the timestamps of a file when left out')
    .option('--value <column>', 'column of the value', undefined)
    .option('--seed <text>', 'of files: the same seed gives the same scores', '1')
    .option('--topic <name>', 'a topic instead of files; what --pipeline says, seeds too, is as in the stream')
    .option('--from <instant>', "of the topic's records, inclusive: ISO 8601, or milliseconds (default: its start)")
    .option('--to <instant>', 'exclusive (default: now)')
    .option('--pipeline <file>', 'how the records are read and judged (default: JSON samples, all defaults)')
    .option('--no-report', 'write no HTML')
    .option('--json', 'print the summary as JSON')
  addBrokerOptions(command)
  command.action(async (path: string | undefined, flags: BacktestFlags) => {
    const labels = flags.labels === undefined ? new Map() : await readLabels(flags.labels)
    const summary = await backtest(path, flags, labels)
    process.stdout.write(`${flags.json === true ? JSON.stringify(summary) : renderSummary(summary)}\n`)
  })
}

async function backtest(path: string | undefined, flags: BacktestFlags, labels: Labels): Promise<BacktestSummary> {
  const { out, report, seed, topic, period, value: valueName } = flags
  if ((path === undefined) === (topic === undefined)) {
    const hint = 'give a CSV file or a folder, or --topic'
    throw new TidegaugeError('CONFIG_INVALID', 'files or a topic, one of them', { where: 'backtest', hint })
  }
  if (topic !== undefined) return backtestTopic({ ...flags, topic }, labels)
  const periodMs = period === undefined ? undefined : periodOf(period)
  return backtestFiles(path ?? '', { out, report, seed, labels, periodMs, valueName })
}

function periodOf(text: string): number {
  const periodMs = parseDuration(text)
  if (periodMs !== undefined && periodMs >= 1000 && periodMs <= 86_400_000) return periodMs
  const hint = 'give 1s to 1d, such as 5m'
  throw new TidegaugeError('CONFIG_INVALID', `${text} is no period`, { where: '--period', hint })
}

async function backtestFiles(path: string, settings: Settings): Promise<BacktestSummary> {
  refuseSameFolder(path, settings.out)
  const files = await findCsvFiles(path)
  const progress = startProgress(files.length, 'files')
  const writer = new ResultWriter(settings)
  let seconds = 0
  try {
    for (const file of files) {
      const scored = await scoreFile(file, settings)
      seconds += scored.seconds
      await writer.add(scored)
      progress.advance(file.name)
    }
  } finally {
    progress.stop()
  }
  return writer.finish(seconds)
}

async function scoreFile(file: InputFile, settings: Settings): Promise<SeriesResult & { readonly seconds: number }> {
  const series = await readCsvSeries(file.path, settings.valueName)
  const periodMs = settings.periodMs ?? inferPeriod(file.path, series.timestamps)
  const setup = { ...DETECTOR_DEFAULTS, inputs: ['value'], periodMs }
  const detector = createDetector(setup, [settings.seed, file.name])
  const started = performance.now()
  const run = runSeries(file.path, series, periodMs, detector)
  const seconds = (performance.now() - started) / 1000
  detector.dispose()
  return { name: file.name, series, run, periodMs, windows: windowsOf(settings.labels, file.name), seconds }
}
