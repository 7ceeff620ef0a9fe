import { createClient, type KafkaClient } from '../../adapters/kafka/client.ts'
import { TopicHistory } from '../../adapters/kafka/topic-history.ts'
import { toPipelineOptions } from '../../config/pipeline-options.ts'
import type { PipelineConfig } from '../../config/schema/pipeline.ts'
import type { ProcessSettings } from '../../config/settings.ts'
import type { SeriesRecord } from '../../forecast/series-lines.ts'
import type { PipelineOptions } from '../../pipeline/options.ts'
import type { TaskRecord } from '../../pipeline/partition-task.ts'
import { PeriodHistory } from '../../pipeline/period-history.ts'
import type { Logger } from '../../runtime/logger.ts'
import { requiredConnection } from '../kafka-connection.ts'
import { rekeyedTopic } from '../rekeyed-source.ts'
import { systemClock } from '../system.ts'

/** The topics whose records a pipeline's tasks step: its own of sorted records, where it sorts them first. */
export function steppedTopics({ source: { kafka } }: PipelineConfig): readonly string[] {
  return kafka.rekey ? [rekeyedTopic(kafka.group)] : kafka.topics
}

/** Hears of each topic how many records are to be read, and how many more of them were. */
export interface ReadingListener {
  readonly onBegin?: (records: number) => void
  readonly onRecords?: (records: number) => void
}

/**
 * The series that a pipeline makes of its topics since a time, as its tasks would make them: each partition has a task of
 * its own. What is open at the end of the log is left out.
 */
export async function readTopicSeries(
  kafka: KafkaClient,
  config: PipelineConfig,
  fromMs: number,
  reading: ReadingListener = {},
): Promise<readonly SeriesRecord[]> {
  const options = toPipelineOptions(config)
  const found: SeriesRecord[] = []
  for (const topic of steppedTopics(config)) {
    const log = await TopicHistory.open(kafka, topic, { startMs: fromMs })
    try {
      reading.onBegin?.(log.ranges.reduce((sum, { start, end }) => sum + Number(end - start), 0))
      for (const range of log.ranges) found.push(...(await seriesOf(log.batches(range), options, reading)))
    } finally {
      await log.close()
    }
  }
  return joined(found)
}

async function seriesOf(
  batches: AsyncIterable<readonly TaskRecord[]>,
  options: PipelineOptions,
  reading: ReadingListener,
): Promise<readonly SeriesRecord[]> {
  const history = new PeriodHistory(options)
  try {
    for await (const records of batches) {
      history.add(records)
      reading.onRecords?.(records.length)
    }
    return history.series()
  } finally {
    history.dispose()
  }
}

/** A series that was written to several partitions counts once: its longest part. */
function joined(records: readonly SeriesRecord[]): readonly SeriesRecord[] {
  const longest = new Map<string, SeriesRecord>()
  for (const record of records) {
    const known = longest.get(record.itemId)
    if (known === undefined || record.target.length > known.target.length) longest.set(record.itemId, record)
  }
  return [...longest.values()]
}

/** The same with a client of its own, for a command: of the last `sinceMs`. */
export async function readTopicSeriesOf(
  { settings, logger }: { readonly settings: ProcessSettings; readonly logger: Logger },
  config: PipelineConfig,
  sinceMs: number,
  reading: ReadingListener,
): Promise<readonly SeriesRecord[]> {
  const kafka = createClient(requiredConnection(settings.kafka), logger)
  return readTopicSeries(kafka, config, systemClock.nowMs() - sinceMs, reading)
}
