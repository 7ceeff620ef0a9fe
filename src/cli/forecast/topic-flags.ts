import type { Command } from 'commander'
import { readTopicSeriesOf } from '../../app/forecasting/topic-series.ts'
import { processLogger } from '../../app/process.ts'
import { processEnvironment } from '../../config/load.ts'
import { loadSettings } from '../../config/settings.ts'
import { parseDuration } from '../../core/duration.ts'
import { TidegaugeError } from '../../core/errors.ts'
import { parseFrequency, stepMs } from '../../forecast/frequency.ts'
import type { SeriesRecord } from '../../forecast/series-lines.ts'
import { addBrokerOptions } from '../broker-options.ts'
import { startProgress } from '../progress.ts'
import { topicPipeline } from '../topic-pipeline.ts'

export interface TopicFlags {
  readonly topic?: string
  readonly pipeline?: string
  readonly from: string
}

export function addTopicOptions(command: Command): void {
  command
    .option('--topic <topic>', "learn from this topic's history instead of a file; nothing is committed")
    .option('--pipeline <file>', 'with --topic: pipeline file that says how its records become series')
    .option('--from <duration>', 'with --topic: how far back it is read', '30d')
  addBrokerOptions(command)
}

/** The topic's series, one value a step of --freq. Throws CONFIG_INVALID when no brokers are named. */
export async function readTopic(flags: TopicFlags & { readonly freq: string }): Promise<readonly SeriesRecord[]> {
  const { topic = '' } = flags
  const settings = loadSettings({ ...flags }, processEnvironment())
  if (!settings.ok) throw settings.error
  const frequency = parseFrequency(flags.freq)
  const config = topicPipeline('train', {
    topic,
    periodText: `${stepMs(frequency) / 1000}s`,
    ...(flags.pipeline !== undefined && { file: flags.pipeline }),
  })
  if (config.period.length !== stepMs(frequency)) {
    throw new TidegaugeError('CONFIG_INVALID', `${frequency.text} is not the period of ${config.name}`, {
      where: '--freq',
      hint: 'the steps of the model are the periods of the pipeline',
    })
  }
  const sinceMs = parseDuration(flags.from)
  if (sinceMs === undefined) {
    throw new TidegaugeError('CONFIG_INVALID', `'${flags.from}' is no duration`, {
      where: '--from',
      hint: 'as in 30d, 12h',
    })
  }
  const { kafka } = config.source
  let progress = startProgress(0, 'records')
  return readTopicSeriesOf(
    { settings: settings.value, logger: processLogger(settings.value, (lines) => progress.write(lines)) },
    { ...config, source: { ...config.source, kafka: { ...kafka, topics: [topic], rekey: false } } },
    sinceMs,
    {
      onBegin: (records) => {
        progress.stop()
        progress = startProgress(records, 'records')
      },
      onRecords: (count) => progress.advance(topic, count),
    },
  ).finally(() => progress.stop())
}
