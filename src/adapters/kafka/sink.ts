import type { Admin, CompressionTypes, Kafka, Producer, Transaction } from 'kafkajs'
import { TidegaugeError } from '../../core/errors.ts'
import { partitionName } from '../../runtime/partition-name.ts'
import type {
  CommittedOffset,
  CommitUnit,
  OffsetToCommit,
  SinkFactory,
  TransactionalSink,
} from '../../runtime/ports.ts'
import { isSameCommit } from '../../runtime/task-committer.ts'
import { kafkaError } from './failure.ts'
import { OffsetQueries } from './offsets.ts'
import { javaPartitioner } from './partitioner.ts'
import { chunkRecords } from './record-chunks.ts'

/** A transaction that its producer left open holds back the readers of its topics for this long at most. */
const TRANSACTION_TIMEOUT_MS = 60_000

export interface KafkaSinkOptions {
  /** Made with PATIENCE.transactions. */
  readonly kafka: Kafka
  readonly compression?: CompressionTypes
}

/** Opens one transactional producer per task; all of them share one admin connection. */
export class KafkaSinkFactory implements SinkFactory {
  readonly #options: KafkaSinkOptions
  #admin: Promise<Admin> | undefined

  constructor(options: KafkaSinkOptions) {
    this.#options = options
  }

  async open(transactionalId: string, group: string): Promise<TransactionalSink> {
    const queries = new OffsetQueries(await this.#connectedAdmin(), group)
    const sink = new KafkaSink(transactionalId, group, this.#options, queries)
    await sink.open()
    return sink
  }

  async close(): Promise<void> {
    const admin = await this.#admin?.catch(() => undefined)
    this.#admin = undefined
    await admin?.disconnect()
  }

  #connectedAdmin(): Promise<Admin> {
    this.#admin ??= connectAdmin(this.#options.kafka).catch((error: unknown) => {
      this.#admin = undefined
      throw kafkaError(error)
    })
    return this.#admin
  }
}

async function connectAdmin(kafka: Kafka): Promise<Admin> {
  const admin = kafka.admin()
  await admin.connect()
  return admin
}

/**
 * Commits records and offsets in one transaction of one transactional id.
 *
 * A commit whose answer was lost is in doubt: it may have become visible. So after any failure the producer is opened
 * anew (the broker then ends the transaction of before, one way or the other) and the group's committed offset is
 * asked for. If it is that of the unit, the unit is visible, and sending it again would double it. If it is the one of
 * before, nothing was. Anything else means that another member has worked on the partition meanwhile, and we are the
 * zombie: FENCED, although the id is ours again.
 */
class KafkaSink implements TransactionalSink {
  readonly #transactionalId: string
  readonly #group: string
  readonly #options: KafkaSinkOptions
  readonly #queries: OffsetQueries
  /** Undefined after a failure, until the next commit. */
  #producer: Producer | undefined
  /** The group's offsets as we left them, by partition; undefined for "none". Absent before the first commit. */
  readonly #committed = new Map<string, CommittedOffset | undefined>()
  #fenced: TidegaugeError | undefined

  constructor(transactionalId: string, group: string, options: KafkaSinkOptions, queries: OffsetQueries) {
    this.#transactionalId = transactionalId
    this.#group = group
    this.#options = options
    this.#queries = queries
  }

  /** Takes the id: whoever had it is fenced from here on, and its open transaction is ended. */
  async open(): Promise<void> {
    const producer = this.#options.kafka.producer({
      transactionalId: this.#transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      allowAutoTopicCreation: false,
      createPartitioner: javaPartitioner,
    })
    try {
      await producer.connect()
      // The client asks for the producer's epoch, which is what fences, only with the first transaction.
      const empty = await producer.transaction()
      await empty.abort()
      this.#producer = producer
    } catch (error) {
      await producer.disconnect().catch(() => undefined)
      throw kafkaError(error, this.#transactionalId)
    }
  }

  /**
   * Rejects with FENCED for good, or with a retryable error: then the same unit, and no other, may be given again.
   */
  async commit(unit: CommitUnit): Promise<void> {
    if (this.#fenced !== undefined) throw this.#fenced
    try {
      if (this.#producer === undefined) {
        await this.open()
        if (await this.#isCommittedAlready(unit.offsets)) {
          this.#remember(unit.offsets)
          return
        }
      }
      await this.#knowCommitted(unit.offsets)
      await this.#commitOnce(unit)
      this.#remember(unit.offsets)
    } catch (thrown) {
      const error = kafkaError(thrown, this.#transactionalId)
      await this.#giveUpProducer()
      if (error.code === 'FENCED') this.#fenced = error
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#giveUpProducer()
  }

  async #commitOnce(unit: CommitUnit): Promise<void> {
    const transaction = await this.#connected().transaction()
    try {
      const { compression } = this.#options
      for (const topicMessages of chunkRecords(unit.records)) {
        await transaction.sendBatch({ topicMessages, acks: -1, ...(compression === undefined ? {} : { compression }) })
      }
      if (unit.offsets.length > 0) await transaction.sendOffsets(this.#offsetsRequest(unit.offsets))
      await transaction.commit()
    } catch (error) {
      await abortQuietly(transaction)
      throw error
    }
  }

  #connected(): Producer {
    if (this.#producer === undefined) throw new TidegaugeError('INTERNAL', 'commit on a closed sink')
    return this.#producer
  }

  #offsetsRequest(offsets: readonly OffsetToCommit[]) {
    const byTopic = new Map<string, { partition: number; offset: string; metadata: string | null }[]>()
    for (const { topic, partition, offset, metadata } of offsets) {
      const partitions = byTopic.get(topic) ?? []
      partitions.push({ partition, offset: String(offset), metadata: metadata ?? null })
      byTopic.set(topic, partitions)
    }
    const topics = [...byTopic].map(([topic, partitions]) => ({ topic, partitions }))
    return { consumerGroupId: this.#group, topics }
  }

  /** Right after opening, nobody else can commit: what is committed now is what our first commit builds on. */
  async #knowCommitted(offsets: readonly OffsetToCommit[]): Promise<void> {
    for (const offset of offsets) {
      const name = partitionName(offset)
      if (!this.#committed.has(name)) this.#committed.set(name, await this.#queries.committed(offset))
    }
  }

  /** After a failure: whether the unit became visible all the same. Rejects with FENCED when another one was faster. */
  async #isCommittedAlready(offsets: readonly OffsetToCommit[]): Promise<boolean> {
    let reached = 0
    for (const offset of offsets) {
      const found = await this.#queries.committed(offset)
      const name = partitionName(offset)
      // Units that move no offset are told apart by their metadata.
      if (isSameCommit(found, { metadata: '', ...offset })) reached++
      else if (!this.#committed.has(name) || !isSameCommit(found, this.#committed.get(name))) {
        throw new TidegaugeError('FENCED', `the committed offset is ${found?.offset ?? 'none'}, which is not ours`, {
          where: name,
        })
      }
    }
    return reached > 0 && reached === offsets.length
  }

  #remember(offsets: readonly OffsetToCommit[]): void {
    for (const { offset, metadata = '', ...partition } of offsets)
      this.#committed.set(partitionName(partition), { offset, metadata })
  }

  async #giveUpProducer(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.disconnect().catch(() => undefined)
  }
}

/** The producer is given up anyway: a transaction that cannot be aborted is ended when the id is opened again. */
async function abortQuietly(transaction: Transaction): Promise<void> {
  if (transaction.isActive()) await transaction.abort().catch(() => undefined)
}
