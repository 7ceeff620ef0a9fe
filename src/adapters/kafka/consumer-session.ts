import type { Admin, Batch, Consumer, EachBatchPayload, Kafka, PartitionAssigner } from 'kafkajs'
import { TidegaugeError } from '../../core/errors.ts'
import type { TopicPartition } from '../../runtime/ports.ts'
import { kafkaError } from './failure.ts'
import { OffsetQueries } from './offsets.ts'

export interface SessionTimes {
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
  /** How long the broker may hold back an answer when there is nothing new. */
  readonly fetchWaitMs: number
  /** Without one finished fetch, a live session counts as hung. */
  readonly stallMs: number
}

export const SESSION_TIMES: SessionTimes = {
  // Heartbeats do not wait for the work, so this only has to outlast the longest pause of the process. A member that
  // is gone without a word holds up the group for as long.
  sessionTimeoutMs: 10_000,
  heartbeatIntervalMs: 1_000,
  rebalanceTimeoutMs: 60_000,
  fetchWaitMs: 250,
  stallMs: 45_000,
}

export interface SessionEvents {
  /** Called before the first fetch of the assignment, in one turn: what is not to be fetched yet is paused in it. */
  joined(session: ConsumerSession, assigned: readonly TopicPartition[]): void
  batch(session: ConsumerSession, batch: Batch, fetchedOffset: bigint): void
  skipped(session: ConsumerSession, partition: TopicPartition, lastOffset: bigint): void
}

export interface SessionOptions {
  readonly kafka: Kafka
  readonly group: string
  readonly topics: readonly string[]
  readonly assigner: PartitionAssigner
  readonly times: SessionTimes
}

/** Within a session the client heals rebalances and lost connections itself; what takes longer ends the session. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8 }

const PARTITION_FETCH_BYTES = 1024 * 1024
const FETCH_BYTES = 10 * 1024 * 1024

/**
 * One membership in a consumer group, from joining to its end. It is never repaired: when it fails or hangs, `ended`
 * says why, and the source opens another one.
 */
export class ConsumerSession {
  readonly queries: OffsetQueries
  /** Resolves with the reason when the session is over; it never rejects. */
  readonly ended: Promise<TidegaugeError>
  readonly #admin: Admin
  readonly #consumer: Consumer
  readonly #events: SessionEvents
  readonly #times: SessionTimes
  #end: (reason: TidegaugeError) => void = () => {}
  #heartbeat: () => Promise<void> = async () => {}
  #generation = 0
  #aliveAtMs = Date.now()
  #rejoining = true

  private constructor(options: SessionOptions, events: SessionEvents) {
    const { kafka, group, times } = options
    this.#events = events
    this.#times = times
    this.#admin = kafka.admin()
    this.queries = new OffsetQueries(this.#admin, group)
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#consumer = kafka.consumer({
      groupId: group,
      partitionAssigners: [options.assigner],
      sessionTimeout: times.sessionTimeoutMs,
      heartbeatInterval: times.heartbeatIntervalMs,
      rebalanceTimeout: times.rebalanceTimeoutMs,
      maxWaitTimeInMs: times.fetchWaitMs,
      maxBytesPerPartition: PARTITION_FETCH_BYTES,
      maxBytes: FETCH_BYTES,
      allowAutoTopicCreation: false,
      // New partitions of a topic are seen within a minute.
      metadataMaxAge: 60_000,
      retry: { ...RETRY, restartOnFailure: async () => false },
    })
  }

  /** Rejects with TOPIC_MISSING, BROKER_UNREACHABLE or BROKER_REFUSED, and leaves nothing open then. */
  static async open(options: SessionOptions, events: SessionEvents): Promise<ConsumerSession> {
    const session = new ConsumerSession(options, events)
    try {
      await session.#admin.connect()
      await session.queries.requireTopics(options.topics)
      await session.#consumer.connect()
      await session.#consumer.subscribe({ topics: [...options.topics], fromBeginning: true })
      session.#listen()
      // Resolves when the group was joined, or when that failed: then the crash event has ended the session.
      await session.#consumer.run({ autoCommit: false, eachBatch: (payload) => session.#onBatch(payload) })
      return session
    } catch (error) {
      await session.close()
      throw kafkaError(error, options.topics.join(', '))
    }
  }

  /** Of the group, as last heard of. */
  get generation(): number {
    return this.#generation
  }

  /** Ends the session if it hangs; called every now and then. */
  watch(nowMs: number): void {
    const patienceMs = this.#times.stallMs + (this.#rejoining ? this.#times.rebalanceTimeoutMs : 0)
    if (nowMs - this.#aliveAtMs < patienceMs) return
    const message = `nothing was fetched for ${Math.round((nowMs - this.#aliveAtMs) / 1000)} s`
    this.#end(new TidegaugeError('BROKER_UNREACHABLE', message, { hint: 'the connection is opened anew' }))
  }

  get isRejoining(): boolean {
    return this.#rejoining
  }

  seek({ topic, partition }: TopicPartition, offset: bigint): void {
    this.#consumer.seek({ topic, partition, offset: String(offset) })
  }

  pause({ topic, partition }: TopicPartition): void {
    this.#consumer.pause([{ topic, partitions: [partition] }])
  }

  resume({ topic, partition }: TopicPartition): void {
    this.#consumer.resume([{ topic, partitions: [partition] }])
  }

  /** Sends a heartbeat if one is due. One that fails is not reported: the fetch loop hears the same, and rejoins. */
  async heartbeat(): Promise<void> {
    await this.#heartbeat().catch(() => undefined)
  }

  /** Leaves the group and closes the connections. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#consumer.disconnect(), this.#admin.disconnect()])
  }

  #listen(): void {
    const { events } = this.#consumer
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#rejoining = false
      this.#aliveAtMs = Date.now()
      const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => ({ topic, partition })),
      )
      this.#events.joined(this, assigned)
    })
    this.#consumer.on(events.REBALANCING, () => {
      this.#rejoining = true
      this.#aliveAtMs = Date.now()
    })
    this.#consumer.on(events.FETCH, () => {
      this.#aliveAtMs = Date.now()
    })
    this.#consumer.on(events.HEARTBEAT, ({ payload }) => {
      this.#generation = Number(payload.groupGenerationId)
    })
    this.#consumer.on(events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0) return
      const { topic, partition, lastOffset } = payload
      this.#events.skipped(this, { topic, partition }, BigInt(lastOffset))
    })
    this.#consumer.on(events.CRASH, ({ payload }) => {
      this.#end(kafkaError(payload.error))
    })
  }

  async #onBatch({ batch, heartbeat }: EachBatchPayload): Promise<void> {
    this.#heartbeat = heartbeat
    // The client's types leave it out; it says which seek the fetch belongs to.
    const { fetchedOffset } = batch as Batch & { readonly fetchedOffset: string }
    this.#events.batch(this, batch, BigInt(fetchedOffset))
  }
}
