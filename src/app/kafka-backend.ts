import { createClient, PATIENCE } from '../adapters/kafka/client.ts'
import type { KafkaConnection } from '../adapters/kafka/connection.ts'
import { KafkaPublisher } from '../adapters/kafka/publisher.ts'
import { KafkaSinkFactory } from '../adapters/kafka/sink.ts'
import { KafkaSource } from '../adapters/kafka/source.ts'
import { KafkaStateLog } from '../adapters/kafka/state-log.ts'
import { KafkaTable } from '../adapters/kafka/table.ts'
import { ensureTopics, partitionCounts } from '../adapters/kafka/topics.ts'
import { toPipelineOptions } from '../config/pipeline-options.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import { asTidegaugeError, TidegaugeError } from '../core/errors.ts'
import type { Logger } from '../runtime/logger.ts'
import type { RecordSource, SinkFactory, StateLog, TopicMeasure } from '../runtime/ports.ts'
import { Rekeyer } from '../runtime/rekeyer.ts'
import { timerSleep } from '../runtime/retry.ts'
import type { Telemetry } from '../runtime/telemetry.ts'
import type { Backend, SourceListener } from './backend.ts'
import { readTopicSeries } from './forecasting/topic-series.ts'
import type { LoopHost } from './loop-host.ts'
import { startOf } from './pipeline.ts'
import { RekeyedSource, rekeyedTopic, shareListener } from './rekeyed-source.ts'
import { systemClock } from './system.ts'
import { ownTopics } from './topics.ts'

interface KafkaBackendPorts {
  /** A member that is gone without a word holds up its group for so long. */
  readonly sessionTimeoutMs: number
  readonly modelsTopic: string
  /** Made of the sinks and the log, should loops run in this thread. */
  readonly loops: (own: { readonly sinks: SinkFactory; readonly log: StateLog }) => LoopHost
  readonly logger: Logger
  readonly telemetry: Telemetry
  /** Aborts the waiting for a broker at start. */
  readonly signal: AbortSignal
}

/** Reads from and writes to Apache Kafka. */
export function kafkaBackend(connection: KafkaConnection, ports: KafkaBackendPorts): Backend {
  const { logger, telemetry, signal, sessionTimeoutMs, modelsTopic } = ports
  let models: KafkaTable | undefined
  const kafka = createClient(connection, logger)
  const sinks = new KafkaSinkFactory({ kafka: createClient(connection, logger, PATIENCE.transactions) })
  const log = new KafkaStateLog(kafka)
  const publisher = new KafkaPublisher({ kafka })
  // Several heartbeats may get lost before a member counts as gone.
  const times = { sessionTimeoutMs, heartbeatIntervalMs: Math.min(1_000, Math.round(sessionTimeoutMs / 5)) }
  const source = (pipeline: string, group: string, listener: SourceListener) =>
    new KafkaSource(
      { pipeline, group, missingTopic: 'wait', times },
      {
        kafka,
        clock: systemClock,
        logger,
        telemetry,
        onFailed: (error) => listener.failed(error),
        onStalled: (error) => listener.stalled(error),
        onNotTaken: (partition, error) => listener.notTaken?.(partition, error),
        onMeasured: (measure) => listener.measured?.(measure),
      },
    )
  return {
    sinks,
    loops: ports.loops({ sinks, log }),
    describe: ({ source: { kafka: from } }) =>
      `kafka ${from.topics.join(', ')}${from.rekey ? ', sorted by series' : ''}`,
    prepare: (pipelines, stalled) => untilReachable(() => prepareTopics(pipelines), { logger, signal, stalled }),
    records: (pipeline, listener) =>
      pipeline.source.kafka.rekey
        ? rekeyed(pipeline, listener)
        : source(pipeline.name, pipeline.source.kafka.group, listener),
    alarms: (pipeline, listener) => source(pipeline.name, `${pipeline.source.kafka.group}-notifier`, listener),
    history: (pipeline, fromMs) => readTopicSeries(kafka, pipeline, fromMs),
    writeDown: (records) => publisher.publish(records),
    models: async () => {
      models = await KafkaTable.open(kafka, modelsTopic)
      return models
    },
    close: async () => {
      await Promise.all([sinks.close(), log.close(), publisher.close(), models?.close()])
    },
  }

  function rekeyed(pipeline: PipelineConfig, listener: SourceListener): RecordSource {
    const { name } = pipeline
    const group = pipeline.source.kafka.group
    const topic = rekeyedTopic(group)
    const [ofUnsorted, ofSorted] = shareListener(listener)
    const options = { pipeline: toPipelineOptions(pipeline), group: `${group}-rekey`, topic, start: startOf(pipeline) }
    const rekeyer = new Rekeyer(options, { sinks, logger, sleep: timerSleep })
    const measured = (measure: TopicMeasure) => {
      rekeyer.measured(measure)
      ofUnsorted.measured?.(measure)
    }
    return new RekeyedSource({
      unsorted: source(name, options.group, { ...ofUnsorted, measured }),
      rekeyer,
      prepare: (topics) =>
        untilReachable(() => prepareRekeyed(topics, topic), { logger, signal, stalled: ofUnsorted.stalled }),
      sorted: source(name, group, ofSorted),
      topic,
    })
  }

  /** As many partitions as the widest of the producers' topics: as many processes can share the work. */
  async function prepareRekeyed(topics: readonly string[], topic: string): Promise<void> {
    const counts = await partitionCounts(kafka, topics)
    const missing = topics.filter((one) => !counts.has(one))
    if (missing.length > 0) throw new TidegaugeError('TOPIC_MISSING', `no such topic: ${missing.join(', ')}`)
    await ensureTopics(kafka, [{ topic, partitions: Math.max(...counts.values()) }])
  }

  async function prepareTopics(pipelines: readonly PipelineConfig[]): Promise<void> {
    const inputs = pipelines.flatMap(({ source }) => source.kafka.topics)
    const specs = ownTopics(pipelines, await partitionCounts(kafka, inputs))
    for (const { topic, outcome, detail } of await ensureTopics(kafka, specs)) {
      if (outcome === 'created') logger.info('topic created', { topic })
      else if (outcome !== 'present')
        logger.debug('topic differs from what would be created', { topic, outcome, detail })
    }
  }
}

interface Waiting {
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly stalled: SourceListener['stalled']
}

/** A broker that is down at start is waited for, as one that goes away later is. */
async function untilReachable(action: () => Promise<void>, { logger, signal, stalled }: Waiting): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await action()
      stalled(undefined)
      return
    } catch (thrown) {
      const error = asTidegaugeError(thrown)
      if (!error.retryable) throw error
      stalled(error)
      if (attempt === 0) logger.warn(`${error.describe()}; trying again until it works`, { code: error.code })
      await timerSleep(Math.min(15_000, 500 * 2 ** Math.min(attempt, 5)), signal)
    }
  }
}
