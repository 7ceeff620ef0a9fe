import { TidegaugeError } from '../core/errors.ts'
import { Mutex } from './mutex.ts'
import type {
  BatchControl,
  FetchCommitted,
  InputRecord,
  PartitionConsumer,
  RecordSource,
  TopicPartition,
} from './ports.ts'

/** One record to feed: its offset is its place in the feed. */
export interface FedRecord {
  readonly value: Uint8Array
  readonly timestampMs: number
}

/**
 * A source without a broker: one partition that the process itself writes to, from a file, standard input or pushed
 * samples. Offsets count the records that were ever fed, so a committed offset says where a file is to be taken up.
 */
export class FeedSource implements RecordSource {
  readonly partition: TopicPartition
  readonly #fetchCommitted: FetchCommitted
  readonly #mutex = new Mutex()
  #consumer: PartitionConsumer | undefined
  #position = 0n
  #current = false

  constructor(partition: TopicPartition, fetchCommitted: FetchCommitted) {
    this.partition = partition
    this.#fetchCommitted = fetchCommitted
  }

  /** The place of the next record to feed. After `start` it may lie before the committed offset: state is replayed. */
  get position(): bigint {
    return this.#position
  }

  async start(_topics: readonly string[], consumer: PartitionConsumer): Promise<void> {
    this.#consumer = consumer
    this.#current = true
    const start = await consumer.onAssigned(this.partition, this.#fetchCommitted)
    this.#position = start.kind === 'offset' ? start.offset : 0n
  }

  /**
   * For a feed that cannot be read again: goes on after the last committed record. What a checkpoint lacks of it stays
   * unlearned; its results are not lost, as they were committed.
   */
  async skipToCommitted(): Promise<bigint> {
    const committed = (await this.#fetchCommitted())?.offset ?? 0n
    if (committed > this.#position) this.#position = committed
    return this.#position
  }

  /** Resolves when the records were stepped; their results become durable by the next commit. */
  push(records: readonly FedRecord[]): Promise<void> {
    return this.#mutex.run(async () => {
      const consumer = this.#consumer
      if (consumer === undefined || !this.#current) throw new TidegaugeError('INTERNAL', 'the feed is not open')
      const first = this.#position
      const numbered = records.map((record, i): InputRecord => ({ ...record, key: null, offset: first + BigInt(i) }))
      this.#position = first + BigInt(records.length)
      const control: BatchControl = { heartbeat: yieldToOthers, isCurrent: () => this.#current }
      await consumer.onRecords({ ...this.partition, records: numbered, endOffset: this.#position }, control)
    })
  }

  pause(): void {}

  resume(): void {}

  async hasReadAll(): Promise<boolean> {
    return this.#current && !this.#mutex.isHeld
  }

  async stop(): Promise<void> {
    await this.#mutex.run(async () => {
      if (!this.#current) return
      await this.#consumer?.onRevoked(this.partition)
      this.#current = false
    })
  }
}

/** Between slices of a long feed, timers and requests get their turn. */
function yieldToOthers(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
