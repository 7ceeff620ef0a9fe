import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { inject, onTestFinished } from 'vitest'
import { createClient, PATIENCE } from '../../src/adapters/kafka/client.ts'
import { KafkaPublisher } from '../../src/adapters/kafka/publisher.ts'
import { KafkaSinkFactory } from '../../src/adapters/kafka/sink.ts'
import { KafkaSource, type KafkaSourceOptions } from '../../src/adapters/kafka/source.ts'
import { ensureTopics } from '../../src/adapters/kafka/topics.ts'
import type { TidegaugeError } from '../../src/core/errors.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import type { TopicMeasure } from '../../src/runtime/ports.ts'
import { silentTelemetry } from '../../src/runtime/telemetry.ts'

/** The brokers that this run's global set-up started, or those of KAFKA_BROKERS. */
export function kafkaBrokers(): readonly string[] {
  return inject('kafkaBrokers')
}

/** A name that no other test uses: the broker is shared. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`
}

export function testClient(
  brokers: readonly string[] = kafkaBrokers(),
  patience: Parameters<typeof createClient>[2] = PATIENCE.brief,
): Kafka {
  return createClient({ brokers, clientId: 'test' }, silentLogger, patience)
}

/** Creates a topic of its own for a test and gives its name. */
export async function freshTopic(partitions: number, kafka: Kafka = testClient()): Promise<string> {
  const topic = uniqueName('topic')
  await ensureTopics(kafka, [{ topic, partitions }])
  return topic
}

/** Publishes values, each with its key, partition or time. Closed when the test ends. */
export async function publish(
  topic: string,
  records: readonly { value: string; key?: string; partition?: number; timestampMs?: number }[],
  kafka: Kafka = testClient(),
): Promise<void> {
  const publisher = new KafkaPublisher({ kafka })
  try {
    await publisher.publish(records.map((record) => ({ key: null, ...record, topic })))
  } finally {
    await publisher.close()
  }
}

export function testSinks(brokers: readonly string[] = kafkaBrokers()): KafkaSinkFactory {
  const sinks = new KafkaSinkFactory({ kafka: testClient(brokers, PATIENCE.transactions) })
  onTestFinished(() => sinks.close())
  return sinks
}

export interface TestSource {
  readonly source: KafkaSource
  readonly failures: TidegaugeError[]
  /** Partitions that could not be taken up, as they were told; '' when one was. */
  readonly notTaken: string[]
  readonly measures: TopicMeasure[]
}

/** A source that is stopped when the test ends. */
export function testSource(
  group: string,
  options: Partial<KafkaSourceOptions> & { brokers?: readonly string[] } = {},
): TestSource {
  const failures: TidegaugeError[] = []
  const notTaken: string[] = []
  const measures: TopicMeasure[] = []
  const { brokers, ...rest } = options
  const source = new KafkaSource(
    { pipeline: 'test', group, missingTopic: 'fail', ...rest },
    {
      kafka: testClient(brokers),
      clock: { nowMs: () => Date.now() },
      logger: silentLogger,
      telemetry: silentTelemetry,
      onFailed: (error) => failures.push(error),
      onNotTaken: (_, error) => notTaken.push(error?.message ?? ''),
      onMeasured: (measure) => measures.push(measure),
    },
  )
  onTestFinished(() => source.stop())
  return { source, failures, notTaken, measures }
}

/** Values of a topic as a reader of committed transactions sees them, once there are `count` (or after the time). */
export async function readCommitted(
  topic: string,
  count: number,
  timeoutMs = 15_000,
  kafka: Kafka = testClient(),
): Promise<{ key: string | null; value: string | null; headers: Record<string, string>; partition: number }[]> {
  const consumer = kafka.consumer({ groupId: uniqueName('reader'), maxWaitTimeInMs: 100 })
  const read: { key: string | null; value: string | null; headers: Record<string, string>; partition: number }[] = []
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ message, partition }) => {
        read.push({
          key: message.key?.toString() ?? null,
          value: message.value?.toString() ?? null,
          headers: Object.fromEntries(
            Object.entries(message.headers ?? {}).map(([name, text]) => [name, String(text)]),
          ),
          partition,
        })
      },
    })
    await eventually(() => read.length >= count, timeoutMs).catch(() => undefined)
    return read
  } finally {
    await consumer.disconnect()
  }
}

/** Waits until a condition holds, looking every 20 ms. */
export async function eventually(condition: () => boolean, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`still not so after ${timeoutMs} ms: ${condition}`)
    await sleep(20)
  }
}
