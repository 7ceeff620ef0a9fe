import { randomBytes } from 'node:crypto'
import { HostMetrics, hostRecord } from '../adapters/host/host-metrics.ts'
import { createClient } from '../adapters/kafka/client.ts'
import { startLocalBroker } from '../adapters/kafka/local-broker.ts'
import { KafkaPublisher } from '../adapters/kafka/publisher.ts'
import { deleteTopics, ensureTopics } from '../adapters/kafka/topics.ts'
import { type ReceivedWebhook, startWebhookReceiver } from '../adapters/notify/webhook-receiver.ts'
import type { Logger } from '../runtime/logger.ts'
import { systemClock } from './system.ts'

/** A record to publish, keyed so that one series stays in one partition. */
export interface DemoRecord {
  readonly key: string
  readonly value: string
}

export interface DemoReceiver {
  readonly url: string
  readonly secret: string
  stop(): Promise<void>
}

/** The local receiver that the demo's alarms are delivered to, with a signing secret made for this run. */
export async function demoReceiver(onReceived: (webhook: ReceivedWebhook) => void): Promise<DemoReceiver> {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const receiver = await startWebhookReceiver(secret, onReceived)
  return { url: receiver.url, secret, stop: () => receiver.stop() }
}

export interface DemoKafka {
  readonly brokers: readonly string[]
  /** Whether it is the demo's own. */
  readonly started: boolean
  publish(topic: string, records: readonly DemoRecord[]): Promise<void>
  stop(): Promise<void>
}

/** The configured Kafka, or one that is started for the demo; with the input topics made. */
export async function demoKafka(
  configured: readonly string[] | undefined,
  topics: readonly string[],
  logger: Logger,
): Promise<DemoKafka> {
  const own = configured === undefined ? await startLocalBroker() : undefined
  const brokers = configured ?? own?.brokers ?? []
  const kafka = createClient({ brokers, clientId: 'tidegauge-demo' }, logger)
  const publisher = new KafkaPublisher({ kafka, acks: 'leader' })
  await ensureTopics(
    kafka,
    topics.map((topic) => ({ topic, partitions: 2 })),
  )
  return {
    brokers,
    started: own !== undefined,
    publish: (topic, records) => publisher.publish(records.map((record) => ({ topic, ...record }))),
    stop: async () => {
      await publisher.close()
      // A Kafka that is not ours is left without the input that only this run could read.
      if (own === undefined) await deleteTopics(kafka, topics)
      await own?.stop()
    },
  }
}

/** Reads this machine's metrics; what it does not have is left out. */
export async function hostRecords(host: HostMetrics): Promise<DemoRecord[]> {
  const { readings } = await host.read(systemClock.nowMs())
  return readings.map((reading) => ({
    key: JSON.stringify([reading.name, reading.labels]),
    value: hostRecord(reading),
  }))
}

export { HostMetrics }
