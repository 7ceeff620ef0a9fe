import { randomUUID } from 'node:crypto'
import { createClient, type KafkaClient } from '../adapters/kafka/client.ts'
import { OffsetQueries } from '../adapters/kafka/offsets.ts'
import { KafkaSource } from '../adapters/kafka/source.ts'
import { deleteGroup, partitionCounts } from '../adapters/kafka/topics.ts'
import { toPipelineOptions } from '../config/pipeline-options.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import type { KafkaSettings } from '../config/settings-kafka.ts'
import { TidegaugeError } from '../core/errors.ts'
import type { TimeRange } from '../core/sample.ts'
import type { ScoredSeries } from '../pipeline/step-output.ts'
import type { Logger } from '../runtime/logger.ts'
import { type OffsetRange, RangeReplay, type ReplayFacts } from '../runtime/range-replay.ts'
import { timerSleep } from '../runtime/retry.ts'
import { silentTelemetry } from '../runtime/telemetry.ts'
import { requiredConnection } from './kafka-connection.ts'
import { systemClock } from './system.ts'

const LOOK_MS = 200

export interface TopicRangeRequest {
  readonly topic: string
  /** By the records' own timestamps in Kafka; the end is not included. */
  readonly range: TimeRange
  readonly kafka: KafkaSettings
  readonly pipeline: PipelineConfig
  readonly logger: Logger
}

export interface TopicRangeListener {
  /** Called once, before any record is read. */
  readonly onBegin: (records: number) => void
  readonly onRecords: (count: number) => void
  readonly onScored: (scored: ScoredSeries) => void
}

/**
 * Replays a range of a topic through a pipeline's tasks: what the stream would have said, had it begun there. Reads as a
 * group of its own that commits nothing and is gone afterwards. Throws CONFIG_INVALID without brokers, TOPIC_MISSING,
 * INPUT_INVALID for a range without records, and what brokers refuse.
 */
export async function replayTopicRange(request: TopicRangeRequest, listener: TopicRangeListener): Promise<ReplayFacts> {
  const kafka = createClient(requiredConnection(request.kafka), request.logger)
  const group = `tidegauge-backtest-${randomUUID()}`
  const ranges = await offsetRanges(kafka, group, request)
  listener.onBegin(ranges.reduce((sum, { start, end }) => sum + Number(end - start), 0))
  const replay = new RangeReplay(toPipelineOptions(request.pipeline), ranges, request.range.endMs, listener)
  try {
    await read(kafka, group, replay, request)
    return replay.facts
  } finally {
    replay.dispose()
  }
}

async function offsetRanges(
  kafka: KafkaClient,
  group: string,
  { topic, range }: TopicRangeRequest,
): Promise<OffsetRange[]> {
  const count = (await partitionCounts(kafka, [topic])).get(topic)
  if (count === undefined) {
    throw new TidegaugeError('TOPIC_MISSING', 'no such topic', { where: topic, hint: 'is its name right?' })
  }
  const admin = kafka.admin()
  await admin.connect()
  try {
    const queries = new OffsetQueries(admin, group)
    const ranges: OffsetRange[] = []
    for (let partition = 0; partition < count; partition++) {
      const at = { topic, partition }
      const bounds = await queries.bounds(at)
      const start = await queries.resolve(at, { kind: 'time', timestampMs: range.startMs }, bounds)
      const end = await queries.resolve(at, { kind: 'time', timestampMs: range.endMs }, bounds)
      ranges.push({ ...at, start, end })
    }
    if (ranges.some(({ start, end }) => start < end)) return ranges
    const hint = "the range is by the records' own timestamps; is it older than the topic's retention?"
    throw new TidegaugeError('INPUT_INVALID', 'no record lies in the range', { where: topic, hint })
  } finally {
    await admin.disconnect()
  }
}

async function read(
  kafka: KafkaClient,
  group: string,
  replay: RangeReplay,
  { topic, pipeline, logger }: TopicRangeRequest,
) {
  let failure: TidegaugeError | undefined
  const source = new KafkaSource(
    { pipeline: pipeline.name, group, missingTopic: 'fail' },
    {
      kafka,
      clock: systemClock,
      logger,
      telemetry: silentTelemetry,
      onFailed: (error) => {
        failure = error
      },
    },
  )
  try {
    await source.start([topic], replay)
    while (replay.open.length > 0) {
      await timerSleep(LOOK_MS)
      if (failure !== undefined) throw failure
      // A range may end in what no reader is given: aborted records, markers of transactions.
      for (const partition of replay.open) if (await source.hasReadAll(partition)) replay.finish(partition)
    }
  } finally {
    await source.stop()
    await deleteGroup(kafka, group)
  }
}
