import { processLogger } from '../../app/process.ts'
import { replayTopicRange } from '../../app/topic-range.ts'
import { processEnvironment } from '../../config/load.ts'
import { ConfigError } from '../../config/problem.ts'
import type { PipelineConfig } from '../../config/schema/pipeline.ts'
import { type FlagValues, loadSettings } from '../../config/settings.ts'
import { TidegaugeError } from '../../core/errors.ts'
import { startProgress } from '../progress.ts'
import { topicPipeline } from '../topic-pipeline.ts'
import type { Labels } from './labels.ts'
import { type BacktestSummary, windowsOf } from './summary.ts'
import { TopicSeries } from './topic-series.ts'
import { ResultWriter } from './write-results.ts'

/** What a backtest over a topic is asked for, as the flags say it. */
export interface TopicFlags extends FlagValues {
  readonly topic: string
  readonly from?: string
  readonly to?: string
  readonly pipeline?: string
  readonly period?: string
  readonly out: string
  readonly report: boolean
}

/**
 * Scores what a range of a topic holds through the pipeline's own tasks, with the pipeline's seeds: the same bits as a
 * stream that begins there. A file a series.
 */
export async function backtestTopic(flags: TopicFlags, labels: Labels): Promise<BacktestSummary> {
  const settings = loadSettings(flags, processEnvironment())
  if (!settings.ok) throw settings.error
  const pipeline = pipelineOf(flags)
  const range = { startMs: instantOf(flags.from, '--from'), endMs: instantOf(flags.to, '--to') }
  if (range.startMs >= range.endMs) {
    throw new TidegaugeError('CONFIG_INVALID', 'the range ends before it begins', { where: '--from, --to' })
  }
  const found = new TopicSeries()
  let progress = startProgress(0, 'records')
  const started = performance.now()
  try {
    await replayTopicRange(
      {
        topic: flags.topic,
        range,
        kafka: settings.value.kafka,
        pipeline,
        logger: processLogger({ logLevel: 'error' }),
      },
      {
        onBegin: (records) => {
          progress.stop()
          progress = startProgress(records, 'records')
        },
        onRecords: (count) => progress.advance(flags.topic, count),
        onScored: (scored) => found.add(scored),
      },
    )
  } finally {
    progress.stop()
  }
  const seconds = (performance.now() - started) / 1000
  const writer = new ResultWriter(flags)
  for (const { key, ...result } of found.results(pipeline.period.length)) {
    await writer.add({ ...result, windows: labels.get(key) ?? windowsOf(labels, result.name) })
  }
  return writer.finish(seconds)
}

/** That of the file, or one of defaults that reads JSON samples. */
function pipelineOf({ pipeline: file, period, topic }: TopicFlags): PipelineConfig {
  if (file !== undefined && period !== undefined) {
    const hint = 'leave --period out, or change it in the file'
    throw new TidegaugeError('CONFIG_INVALID', 'the pipeline file says the period', { where: '--period', hint })
  }
  return topicPipeline('backtest', {
    topic,
    ...(file !== undefined && { file }),
    ...(period !== undefined && { periodText: period }),
  })
}

/** An instant, ms; a missing one is as far away as it can be. */
function instantOf(text: string | undefined, flag: '--from' | '--to'): number {
  if (text === undefined) return flag === '--from' ? 0 : Date.now()
  const ms = /^\d+$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(ms)) return ms
  const message = `${JSON.stringify(text)} is no instant (write milliseconds, or ISO 8601 as in 2026-03-01T12:00:00Z)`
  throw new ConfigError([{ file: flag, path: [], message }])
}
