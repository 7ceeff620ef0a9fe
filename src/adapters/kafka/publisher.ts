import type { CompressionTypes, Kafka, Producer } from 'kafkajs'
import type { OutputRecord } from '../../runtime/ports.ts'
import { kafkaError } from './failure.ts'
import { javaPartitioner } from './partitioner.ts'
import { chunkRecords } from './record-chunks.ts'

export interface KafkaPublisherOptions {
  readonly kafka: Kafka
  /** `all` waits for all in-sync replicas, `leader` for one, `none` for nothing. */
  readonly acks?: 'all' | 'leader' | 'none'
  readonly compression?: CompressionTypes
}

const ACKS = { all: -1, leader: 1, none: 0 } as const

/**
 * Writes records without a transaction, for what needs none: dead letters of the notifier, the metrics of a demo, the
 * input of a benchmark. Partitions are chosen as the Java client does (murmur2 of the key).
 */
export class KafkaPublisher {
  readonly #options: KafkaPublisherOptions
  readonly #producer: Producer
  #connecting: Promise<void> | undefined

  constructor(options: KafkaPublisherOptions) {
    this.#options = options
    this.#producer = options.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: javaPartitioner,
    })
  }

  /** Resolves when the broker has acknowledged all of the records. On a failure some of them may be there. */
  async publish(records: readonly OutputRecord[]): Promise<void> {
    if (records.length === 0) return
    const { compression, acks = 'all' } = this.#options
    try {
      await this.#connect()
      for (const topicMessages of chunkRecords(records)) {
        await this.#producer.sendBatch({
          topicMessages,
          acks: ACKS[acks],
          ...(compression === undefined ? {} : { compression }),
        })
      }
    } catch (error) {
      throw kafkaError(error, records[0]?.topic)
    }
  }

  async close(): Promise<void> {
    await this.#producer.disconnect()
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.#producer.connect().catch((error: unknown) => {
      this.#connecting = undefined
      throw error
    })
    return this.#connecting
  }
}
