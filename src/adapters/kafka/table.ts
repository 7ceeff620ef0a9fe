import { randomUUID } from 'node:crypto'
import type { Consumer, Kafka } from 'kafkajs'
import type { StateStore } from '../../runtime/ports.ts'
import { timerSleep } from '../../runtime/retry.ts'
import { kafkaError } from './failure.ts'
import { KafkaPublisher } from './publisher.ts'
import { deleteGroup, ensureTopics } from './topics.ts'

/** A record may be as large as a model file; brokers refuse more than 1 MiB unless the topic says otherwise. */
const RECORD_BYTES_MAX = 32 * 1024 * 1024
const CLOSE_PATIENCE_MS = 3_000
/** A consumer cannot leave while the broker holds back an answer: its default of 5 s would outlast the patience. */
const FETCH_WAIT_MS = 250

/**
 * Named blobs in a compacted topic of one partition: the newest record of each key is the blob. The topic is read from
 * its beginning and followed, so `get` and `list` answer from memory and see what any process has put there.
 */
export class KafkaTable implements StateStore {
  readonly #kafka: Kafka
  readonly #topic: string
  readonly #consumer: Consumer
  readonly #group: string
  readonly #publisher: KafkaPublisher
  readonly #blobs = new Map<string, Uint8Array>()

  private constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka
    this.#topic = topic
    // Every reader reads everything: a group of its own, which goes when it closes.
    this.#group = `${topic}.reader.${randomUUID()}`
    this.#consumer = kafka.consumer({
      groupId: this.#group,
      maxBytesPerPartition: RECORD_BYTES_MAX,
      maxWaitTimeInMs: FETCH_WAIT_MS,
    })
    this.#publisher = new KafkaPublisher({ kafka })
  }

  /** Makes the topic if it is missing; resolves when all that is there now has been read. */
  static async open(kafka: Kafka, topic: string): Promise<KafkaTable> {
    const config = { 'cleanup.policy': 'compact', 'max.message.bytes': String(RECORD_BYTES_MAX) }
    await ensureTopics(kafka, [{ topic, partitions: 1, config }])
    const table = new KafkaTable(kafka, topic)
    try {
      await table.#follow(await table.#endOffset())
      return table
    } catch (thrown) {
      await table.close()
      throw kafkaError(thrown, topic)
    }
  }

  async #endOffset(): Promise<bigint> {
    const admin = this.#kafka.admin()
    try {
      await admin.connect()
      const [partition] = await admin.fetchTopicOffsets(this.#topic)
      return BigInt(partition?.high ?? 0)
    } finally {
      await admin.disconnect()
    }
  }

  async #follow(end: bigint): Promise<void> {
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topic: this.#topic, fromBeginning: true })
    let caughtUp = () => {}
    const reading = new Promise<void>((resolve) => {
      caughtUp = resolve
    })
    if (end === 0n) caughtUp()
    await this.#consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value } of batch.messages) {
          if (key === null) continue
          if (value === null) this.#blobs.delete(key.toString())
          else this.#blobs.set(key.toString(), value)
        }
        if (BigInt(batch.lastOffset()) + 1n >= end) caughtUp()
      },
    })
    await reading
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#publisher.publish([{ topic: this.#topic, key: name, value: bytes }])
    this.#blobs.set(name, bytes)
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return this.#blobs.get(name)
  }

  /** Names that begin with the prefix, sorted. */
  async list(prefix: string): Promise<readonly string[]> {
    return [...this.#blobs.keys()].filter((name) => name.startsWith(prefix)).sort()
  }

  async delete(name: string): Promise<void> {
    await this.#publisher.publish([{ topic: this.#topic, key: name, value: null }])
    this.#blobs.delete(name)
  }

  /** Bounded: a client that lost its broker may try to reach it for as long as it likes, but not hold up a stop. */
  async close(): Promise<void> {
    const done = new AbortController()
    const closed = this.#close().finally(() => done.abort())
    await Promise.race([closed, timerSleep(CLOSE_PATIENCE_MS, done.signal)])
  }

  async #close(): Promise<void> {
    await Promise.allSettled([this.#consumer.disconnect(), this.#publisher.close()])
    await deleteGroup(this.#kafka, this.#group)
  }
}
