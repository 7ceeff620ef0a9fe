import type { Command } from 'commander'
import { withForecasting } from '../../app/forecasting/engine.ts'
import { readModel, writeModel } from '../../app/forecasting/model-files.ts'
import { readSeriesFiles } from '../../app/forecasting/series-files.ts'
import { TidegaugeError } from '../../core/errors.ts'
import { type Blend, MEMBERS } from '../../forecast/blend.ts'
import { categoryTexts, indexCategories } from '../../forecast/categories.ts'
import type { Fitted } from '../../forecast/deepar/fit.ts'
import { requireCategories } from '../../forecast/deepar/model-file.ts'
import { parseFrequency } from '../../forecast/frequency.ts'
import type { SeriesRecord } from '../../forecast/series-lines.ts'
import { fitSettings, type ModelFlags, modelOptions } from './flags.ts'
import { addTopicOptions, readTopic, type TopicFlags } from './topic-flags.ts'
import { trainingProgress } from './training-progress.ts'

interface TrainFlags extends ModelFlags, TopicFlags {
  readonly data?: string
  readonly out: string
  readonly warmStart?: string
}

/** Trains on a file, with a progress bar on a terminal. */
export async function trainOn(path: string, flags: ModelFlags, warmStartPath?: string): Promise<Fitted> {
  return fitOn(await readSeriesFiles(path, parseFrequency(flags.freq)), path, flags, warmStartPath)
}

/** Trains on series that were read from `path`. */
async function fitOn(
  records: readonly SeriesRecord[],
  path: string,
  flags: ModelFlags,
  warmStartPath: string | undefined,
): Promise<Fitted> {
  const frequency = parseFrequency(flags.freq)
  const warmStart = warmStartPath === undefined ? undefined : await readModel(warmStartPath)
  const own = categoryTexts(records)
  if (warmStart && warmStartPath) requireCategories(warmStart, own, warmStartPath)
  const categories = warmStart?.categories ?? own
  const series = indexCategories(records, categories, path)
  const options = { ...fitSettings(flags), frequency, horizon: flags.horizon, categories }
  const progress = trainingProgress(flags.json === true)
  try {
    return await withForecasting((engine) =>
      engine.fit(series, warmStart ? { ...options, warmStart } : options, progress.show),
    )
  } finally {
    progress.stop()
  }
}

async function readData(flags: TrainFlags): Promise<readonly SeriesRecord[]> {
  const { data, topic } = flags
  if ((data === undefined) === (topic === undefined)) {
    throw new TidegaugeError('CONFIG_INVALID', 'give either --data or --topic', {
      where: 'train',
      hint: '--data FILE, or --topic TOPIC --brokers HOST:PORT',
    })
  }
  return data === undefined ? readTopic(flags) : readSeriesFiles(data, parseFrequency(flags.freq))
}

const sharesByName = ({ overall }: Blend) => Object.fromEntries(MEMBERS.map((name, m) => [name, overall[m] ?? 0]))

/** What is worth knowing of a training, for people. */
export function describeFit({ model, ignored, skippedBatches }: Fitted): string {
  const { record, config, blend } = model
  const lines = [
    `trained on ${record.series} series, ${record.steps} steps: ${config.likelihood}, context ${config.context}, ` +
      `${config.lags.length} lags, features ${config.features.join(', ') || 'none'}`,
  ]
  if (ignored.length > 0) {
    const shown = ignored.slice(0, 5).map(({ itemId, reason }) => `${itemId} (${reason})`)
    lines.push(
      `${ignored.length} series were not learned from: ${shown.join(', ')}${ignored.length > 5 ? ', ...' : ''}`,
    )
  }
  if (skippedBatches > 0) lines.push(`${skippedBatches} batches were passed over: their loss was not finite`)
  if (record.heldBackWindows > 0) {
    lines.push(
      `held back: macro wQL ${record.macroWql.toFixed(4)}, seasonal naive ${record.macroWqlSeasonalNaive.toFixed(4)}, ` +
        `${record.heldBackWindows} windows`,
    )
    const shares = Object.entries(sharesByName(blend)).filter(([, share]) => share > 0)
    lines.push(`shares over all series: ${shares.map(([name, share]) => `${name} ${share.toFixed(2)}`).join(', ')}`)
  }
  return `${lines.join('\n')}\n`
}

/** `tidegauge train`: a model file from series in files, or from a topic's own history. */
export function trainCommand(program: Command): void {
  const command = program
    .command('train')
    .description('train a DeepAR model on series in a file or in a topic and write it to a model file')
    .option('--data <path>', 'JSON Lines (start, target, cat, dynamic_feat), a CSV file, or a folder of them')
    .requiredOption('--out <file>', 'model file to write')
    .option('--warm-start <model>', 'go on from this model')
  addTopicOptions(command)
  for (const option of modelOptions()) command.addOption(option)
  command.action(async (flags: TrainFlags) => {
    const fitted = await fitOn(await readData(flags), flags.data ?? flags.topic ?? '', flags, flags.warmStart)
    await writeModel(flags.out, fitted.model)
    const { model, ignored, skippedBatches } = fitted
    const { weights: _weights, blend, ...plain } = model
    const report = { ...plain, shares: sharesByName(blend), ignored, skippedBatches }
    process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : describeFit(fitted))
  })
}
