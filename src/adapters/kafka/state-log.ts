import type { Kafka, Message, Producer } from 'kafkajs'
import { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import { TidegaugeError } from '../../core/errors.ts'
import { partitionName } from '../../runtime/partition-name.ts'
import type { LogPlace, StateLog, StoredBlob, TopicPartition } from '../../runtime/ports.ts'
import { kafkaError } from './failure.ts'
import { LogFetcher } from './log-fetcher.ts'
import { javaPartitioner } from './partitioner.ts'
import { ensureTopics, growTopic, partitionCounts } from './topics.ts'

const CHUNK = { magic: 'TGLC', version: 1 }

/** A broker refuses records of more than 1 MiB by default; the envelope, the key and the batch take little. */
const CHUNK_BYTES = 900_000

/** Beyond the newest record of any log. */
const LOG_END = 2n ** 62n

/** Tombstones in one request. */
const TOMBSTONES = 1_000

/** Only the newest record of a key counts. Segments small enough that what was removed is not kept for long. */
export const STATE_TOPIC_CONFIG = { 'cleanup.policy': 'compact', 'segment.bytes': String(64 * 1024 * 1024) }

/**
 * Blobs as records of a compacted topic: `NAME#0`, `NAME#1`, ... each with its checksum. Partitions are named by the
 * caller, so that a task's state lies in the partition that its records come from, and moves with it.
 *
 * Records are written without a transaction: nobody looks at them before their place is told, and telling is what has to
 * be all or nothing.
 */
export class KafkaStateLog implements StateLog {
  readonly #kafka: Kafka
  readonly #producer: Producer
  readonly #fetcher: LogFetcher
  /** Partitions that each topic is known to have. */
  readonly #partitions = new Map<string, number>()
  #connecting: Promise<void> | undefined

  constructor(kafka: Kafka) {
    this.#kafka = kafka
    this.#producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: javaPartitioner })
    this.#fetcher = new LogFetcher(kafka)
  }

  async append(to: TopicPartition, name: string, bytes: Uint8Array): Promise<LogPlace> {
    try {
      await this.#ensure(to)
      const count = chunksOf(bytes.length)
      const offsets: bigint[] = []
      for (let i = 0; i < count; i++) {
        const value = chunk(name, { index: i, count }, bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES))
        offsets.push(await this.#send(to, [{ key: keyOf(name, i), value }]))
      }
      const [first = 0n, last = first] = [offsets[0], offsets.at(-1)]
      return { first, last }
    } catch (thrown) {
      throw kafkaError(thrown, to.topic)
    }
  }

  /** The offset of the first message. */
  async #send({ topic, partition }: TopicPartition, messages: readonly Message[]): Promise<bigint> {
    await this.#connect()
    const [metadata] = await this.#producer.send({
      topic,
      acks: -1,
      messages: messages.map((message) => ({ ...message, partition })),
    })
    return BigInt(metadata?.baseOffset ?? 0)
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.#producer.connect().catch((error: unknown) => {
      this.#connecting = undefined
      throw error
    })
    return this.#connecting
  }

  /** A topic that is missing, or that has fewer partitions than the input by now. */
  async #ensure({ topic, partition }: TopicPartition): Promise<void> {
    if ((this.#partitions.get(topic) ?? 0) > partition) return
    await ensureTopics(this.#kafka, [{ topic, partitions: partition + 1, config: STATE_TOPIC_CONFIG }])
    const found = (await partitionCounts(this.#kafka, [topic])).get(topic) ?? 0
    if (found <= partition) await growTopic(this.#kafka, topic, partition + 1)
    this.#partitions.set(topic, Math.max(found, partition + 1))
  }

  async read(from: TopicPartition, name: string, { first, last }: LogPlace): Promise<Uint8Array | undefined> {
    const chunks: Uint8Array[] = []
    try {
      for await (const { key, value } of this.#fetcher.records(from, first, last)) {
        if (value === null || key?.toString() !== keyOf(name, chunks.length)) continue
        const reader = new BinaryReader(value, CHUNK.magic, CHUNK.version, `${partitionName(from)} ${name}`)
        const whole = reader.text() === name && reader.u32() === chunks.length
        const count = reader.u32()
        if (!whole) throw new TidegaugeError('SNAPSHOT_INVALID', 'is not the chunk of its key', { where: name })
        chunks.push(reader.bytes())
        if (chunks.length === count) return joined(chunks)
      }
      return undefined
    } catch (thrown) {
      const error = kafkaError(thrown, from.topic)
      // A topic that is not there has nothing.
      if (error.code === 'TOPIC_MISSING') return undefined
      throw error
    }
  }

  async strays(from: TopicPartition, prefix: string, after: bigint): Promise<readonly StoredBlob[]> {
    const chunks = new Map<string, number>()
    for await (const { key, value } of this.#fetcher.records(from, after + 1n, LOG_END)) {
      const text = key?.toString() ?? ''
      const name = text.slice(0, text.lastIndexOf('#'))
      if (!name.startsWith(prefix)) continue
      if (value === null) chunks.delete(name)
      else chunks.set(name, Math.max(chunks.get(name) ?? 0, Number(text.slice(name.length + 1)) + 1))
    }
    return [...chunks].map(([name, count]) => ({ name, bytes: count * CHUNK_BYTES }))
  }

  async remove(from: TopicPartition, blobs: readonly StoredBlob[]): Promise<void> {
    const tombstones = blobs.flatMap(({ name, bytes }) =>
      Array.from({ length: chunksOf(bytes) }, (_, i): Message => ({ key: keyOf(name, i), value: null })),
    )
    try {
      for (let i = 0; i < tombstones.length; i += TOMBSTONES)
        await this.#send(from, tombstones.slice(i, i + TOMBSTONES))
    } catch (thrown) {
      throw kafkaError(thrown, from.topic)
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#fetcher.close(), this.#producer.disconnect()])
  }
}

const keyOf = (name: string, index: number) => `${name}#${index}`
const chunksOf = (bytes: number) => Math.max(1, Math.ceil(bytes / CHUNK_BYTES))

function chunk(name: string, { index, count }: { index: number; count: number }, bytes: Uint8Array): Buffer {
  const writer = new BinaryWriter(CHUNK.magic, CHUNK.version, bytes.length + 2 * name.length + 64)
  writer.text(name)
  writer.u32(index)
  writer.u32(count)
  writer.bytes(bytes)
  const blob = writer.finish()
  return Buffer.from(blob.buffer, blob.byteOffset, blob.length)
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  if (only !== undefined && chunks.length === 1) return only
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const bytes of chunks) {
    whole.set(bytes, at)
    at += bytes.length
  }
  return whole
}
