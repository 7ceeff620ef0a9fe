import { createClient, PATIENCE } from '../adapters/kafka/client.ts'
import type { KafkaConnection } from '../adapters/kafka/connection.ts'
import { KafkaPublisher } from '../adapters/kafka/publisher.ts'
import { KafkaSinkFactory } from '../adapters/kafka/sink.ts'
import { KafkaSource } from '../adapters/kafka/source.ts'
import { ensureTopics, type TopicSpec } from '../adapters/kafka/topics.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import type { TidegaugeError } from '../core/errors.ts'
import type { Logger } from '../runtime/logger.ts'
import { timerSleep } from '../runtime/retry.ts'
import type { Telemetry } from '../runtime/telemetry.ts'
import type { Backend } from './backend.ts'
import { systemClock } from './system.ts'

/** Scores have many keys and want many partitions; transitions are few and are delivered in one order. */
const SCORES_PARTITIONS = 4

interface KafkaBackendPorts {
  readonly logger: Logger
  readonly telemetry: Telemetry
  /** Aborts the waiting for a broker at start. */
  readonly signal: AbortSignal
}

/** Reads from and writes to Apache Kafka. */
export function kafkaBackend(connection: KafkaConnection, { logger, telemetry, signal }: KafkaBackendPorts): Backend {
  const kafka = createClient(connection, logger)
  const sinks = new KafkaSinkFactory({ kafka: createClient(connection, logger, PATIENCE.transactions) })
  const publisher = new KafkaPublisher({ kafka })
  const source = (pipeline: string, group: string, onFailed: (error: TidegaugeError) => void) =>
    new KafkaSource(
      { pipeline, group, missingTopic: 'wait' },
      { kafka, clock: systemClock, logger, telemetry, onFailed },
    )
  return {
    sinks,
    describe: (pipeline) => `kafka ${pipeline.source.kafka.topics.join(', ')}`,
    prepare: (pipelines) => untilReachable(() => prepareTopics(pipelines), { logger, telemetry, signal }),
    records: (pipeline, onFailed) => source(pipeline.name, pipeline.source.kafka.group, onFailed),
    alarms: (pipeline, onFailed) => source(pipeline.name, `${pipeline.source.kafka.group}-notifier`, onFailed),
    writeDown: (records) => publisher.publish(records),
    close: async () => {
      await Promise.all([sinks.close(), publisher.close()])
    },
  }

  async function prepareTopics(pipelines: readonly PipelineConfig[]): Promise<void> {
    const specs = new Map<string, TopicSpec>()
    for (const { sinks: out } of pipelines) {
      if (out.scores.enabled) specs.set(out.scores.topic, { topic: out.scores.topic, partitions: SCORES_PARTITIONS })
      specs.set(out.alarms.topic, { topic: out.alarms.topic, partitions: 1 })
      specs.set(out.deadLetter.topic, { topic: out.deadLetter.topic, partitions: 1 })
    }
    for (const { topic, outcome, detail } of await ensureTopics(kafka, [...specs.values()])) {
      if (outcome === 'created') logger.info('topic created', { topic })
      else if (outcome !== 'present')
        logger.debug('topic differs from what would be created', { topic, outcome, detail })
    }
  }
}

/** A broker that is down at start is waited for, as one that goes away later is. */
async function untilReachable(action: () => Promise<void>, { logger, signal }: KafkaBackendPorts): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await action()
    } catch (thrown) {
      const error = thrown as TidegaugeError
      if (error.retryable !== true) throw thrown
      if (attempt === 0) logger.warn(`${error.describe()}; trying again until it works`, { code: error.code })
      await timerSleep(Math.min(15_000, 500 * 2 ** Math.min(attempt, 5)), signal)
    }
  }
}
