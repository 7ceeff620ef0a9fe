import { createClient } from '../adapters/kafka/client.ts'
import { TopicHistory } from '../adapters/kafka/topic-history.ts'
import { toPipelineOptions } from '../config/pipeline-options.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import type { KafkaSettings } from '../config/settings-kafka.ts'
import { TidegaugeError } from '../core/errors.ts'
import type { TimeRange } from '../core/sample.ts'
import type { Logger } from '../runtime/logger.ts'
import { type RangeReplayListener, replayRange } from '../runtime/range-replay.ts'
import { requiredConnection } from './kafka-connection.ts'

export interface TopicRangeRequest {
  readonly topic: string
  /** By the records' own timestamps in Kafka; the end is not included. */
  readonly range: TimeRange
  readonly kafka: KafkaSettings
  readonly pipeline: PipelineConfig
  readonly logger: Logger
}

export interface TopicRangeListener extends RangeReplayListener {
  /** Called once, before any record is read. */
  readonly onBegin: (records: number) => void
}

/**
 * Replays a range of a topic through a pipeline's tasks, partition after partition: what the stream would have said, had
 * it begun there. Throws CONFIG_INVALID without brokers, TOPIC_MISSING, INPUT_INVALID for a range without records, and
 * what brokers refuse.
 */
export async function replayTopicRange(request: TopicRangeRequest, listener: TopicRangeListener): Promise<void> {
  const { topic, range, pipeline } = request
  const kafka = createClient(requiredConnection(request.kafka), request.logger)
  const history = await TopicHistory.open(kafka, topic, range)
  try {
    const filled = history.ranges.filter(({ start, end }) => start < end)
    if (filled.length === 0) {
      const hint = "the range is by the records' own timestamps; is it older than the topic's retention?"
      throw new TidegaugeError('INPUT_INVALID', 'no record lies in the range', { where: topic, hint })
    }
    listener.onBegin(filled.reduce((sum, { start, end }) => sum + Number(end - start), 0))
    const options = toPipelineOptions(pipeline)
    for (const part of filled) await replayRange(options, history.batches(part), range.endMs, listener)
  } finally {
    await history.close()
  }
}
