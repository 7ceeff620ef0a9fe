import type { Kafka } from 'kafkajs'
import { TidegaugeError } from '../../core/errors.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { partitionName } from '../../runtime/partition-name.ts'
import type { TopicPartition } from '../../runtime/ports.ts'
import { type Attempt, type RetryPolicy, retry, timerSleep } from '../../runtime/retry.ts'
import { kafkaError } from './failure.ts'

/** Asked for at once. A record that is larger comes all the same. */
const FETCH_BYTES = 8 * 1024 * 1024
const FETCH_WAIT_MS = 500
const READ_COMMITTED = 1
/** A leader that moves is found again within seconds. */
const PATIENCE: RetryPolicy = { attempts: 6, baseMs: 100, maxMs: 1_600, retryAfterMaxMs: 0 }

export interface LogRecord {
  readonly offset: bigint
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** What one answer holds. */
interface Piece {
  readonly records: readonly LogRecord[]
  /** The offset after all that the answer speaks of, what is hidden and what compaction took included. */
  readonly next: bigint
  /** The last stable offset: every transaction that began before it has ended. */
  readonly end: bigint
}

const NOTHING: Piece = { records: [], next: 0n, end: 0n }

interface FetchedMessage {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** A transaction's marker, or a record of a transaction that was aborted. */
  readonly isControlRecord?: boolean
  readonly batchContext?: { readonly firstOffset: string; readonly lastOffsetDelta: number }
}

interface Fetched {
  readonly responses: readonly {
    readonly partitions: readonly { readonly lastStableOffset: string; readonly messages: readonly FetchedMessage[] }[]
  }[]
}

interface Broker {
  fetch(request: object): Promise<Fetched>
}

/** The part of the client that knows the brokers. */
interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  refreshMetadata(): Promise<void>
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, unknown>>
  findBroker(node: { readonly nodeId: string }): Promise<Broker>
}

/**
 * Reads a partition from an offset on, as a consumer of the Java client that was given partitions by hand. kafkajs reads
 * only as a member of a group: that would take seconds to form, and leave a group behind with every kill. Its parts
 * that ask brokers are not made to be used by themselves: this reaches inside. Only what is committed is seen, up to the
 * first transaction that is open.
 */
export class LogFetcher {
  readonly #kafka: Kafka
  #cluster: Promise<Cluster> | undefined

  constructor(kafka: Kafka) {
    this.#kafka = kafka
  }

  /** The records from one offset to another, both included, as far as they are there. */
  async *records(at: TopicPartition, first: bigint, last: bigint): AsyncGenerator<LogRecord> {
    for (let next = first; next <= last; ) {
      const piece = await this.#fetch(at, next)
      for (const record of piece.records) {
        if (record.offset > last) return
        // A batch is sent whole, though the first records of it were not asked for.
        if (record.offset >= next) yield record
      }
      // Compaction leaves gaps, and nothing comes from a gap up to the end of the log.
      if (piece.next <= next || piece.next >= piece.end) return
      next = piece.next
    }
  }

  async #fetch(at: TopicPartition, offset: bigint): Promise<Piece> {
    const attempt = async (): Promise<Attempt<Result<Piece, TidegaugeError>>> => {
      try {
        return { again: false, value: ok(await this.#fetchOnce(at, offset)) }
      } catch (thrown) {
        // Beyond either end of the log, as when the topic was made anew: nothing is there.
        if (thrown instanceof Error && 'type' in thrown && thrown.type === 'OFFSET_OUT_OF_RANGE')
          return { again: false, value: ok(NOTHING) }
        const error = kafkaError(thrown, at.topic)
        if (error.retryable) await this.#disconnect()
        return { again: error.retryable, value: err(error) }
      }
    }
    const { value } = await retry(attempt, PATIENCE, { random: Math.random, sleep: timerSleep })
    if (value?.ok) return value.value
    throw value?.error ?? new TidegaugeError('INTERNAL', 'nothing was fetched', { where: at.topic })
  }

  async #fetchOnce({ topic, partition }: TopicPartition, offset: bigint): Promise<Piece> {
    const cluster = await this.#connected()
    await cluster.addTargetTopic(topic)
    const leader = () => Object.keys(cluster.findLeaderForPartitions(topic, [partition]))[0]
    if (leader() === undefined) await cluster.refreshMetadata()
    const nodeId = leader()
    if (nodeId === undefined)
      throw new TidegaugeError('TOPIC_MISSING', 'no such partition', { where: partitionName({ topic, partition }) })
    const broker = await cluster.findBroker({ nodeId })
    const { responses } = await broker.fetch({
      replicaId: -1,
      isolationLevel: READ_COMMITTED,
      maxWaitTime: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES }] }],
    })
    const found = responses[0]?.partitions[0]
    return found === undefined ? NOTHING : pieceOf(found.messages, BigInt(found.lastStableOffset))
  }

  #connected(): Promise<Cluster> {
    this.#cluster ??= this.#connect().catch((error: unknown) => {
      this.#cluster = undefined
      throw error
    })
    return this.#cluster
  }

  async #connect(): Promise<Cluster> {
    const symbol = Object.getOwnPropertySymbols(this.#kafka).find(
      ({ description }) => description === 'private:Kafka:createCluster',
    )
    const create = symbol && (this.#kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol]
    if (create === undefined) throw new TidegaugeError('INTERNAL', 'this version of kafkajs cannot be asked for a log')
    const cluster = create({ metadataMaxAge: 60_000, allowAutoTopicCreation: false })
    await cluster.connect()
    return cluster
  }

  async #disconnect(): Promise<void> {
    const cluster = await this.#cluster?.catch(() => undefined)
    this.#cluster = undefined
    await cluster?.disconnect().catch(() => undefined)
  }

  close(): Promise<void> {
    return this.#disconnect()
  }
}

function pieceOf(messages: readonly FetchedMessage[], end: bigint): Piece {
  const newest = messages.at(-1)
  if (newest === undefined) return { ...NOTHING, end }
  const { batchContext: batch } = newest
  const covered =
    batch === undefined ? BigInt(newest.offset) : BigInt(batch.firstOffset) + BigInt(batch.lastOffsetDelta)
  const records = messages
    .filter(({ isControlRecord }) => isControlRecord !== true)
    .map(({ offset, timestamp, key, value }): LogRecord => {
      return { offset: BigInt(offset), timestampMs: Number(timestamp), key, value }
    })
  return { records, next: covered + 1n, end }
}
