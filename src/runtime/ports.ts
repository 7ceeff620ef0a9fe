import type { Tenure } from './tenure.ts'

/**
 * What the runtime needs of the outside. Adapters implement these; tests implement them in memory.
 */

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** One record as it was read. */
export interface InputRecord {
  readonly offset: bigint
  /** Kafka's record timestamp, ms. */
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers?: RecordHeaders | undefined
}

/** As they were read; a name may stand more than once. */
export type RecordHeaders = Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>>
type HeaderValue = string | Uint8Array

/** Consecutive records of one partition. */
export interface RecordBatch extends TopicPartition {
  readonly records: readonly InputRecord[]
  /** The offset after the newest record that the broker holds: lag is this less the next offset. */
  readonly endOffset: bigint
}

/** Where a partition is read from. `time` is the first record at or after that record timestamp. */
export type StartPosition =
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'time'; readonly timestampMs: number }

/** Handed over with each batch. */
export interface BatchControl {
  /** Keeps the membership alive inside long work. */
  heartbeat(): Promise<void>
  /** False once the partition was revoked: nothing of it may be committed any more. */
  isCurrent(): boolean
  /** What `isCurrent` looks at, for work in another thread. */
  readonly tenure?: Tenure
}

/** Implemented by the runtime, called by the source; for one partition never two calls at a time. */
export interface PartitionConsumer {
  /**
   * A partition was assigned; gives the position to read from. `fetchCommitted` asks the broker for the group's offset
   * at the moment of the call: the runtime first opens the partition's transactional sink, which fences the former
   * owner, and only then asks, so that no commit of the former owner can come after the answer.
   */
  onAssigned(partition: TopicPartition, fetchCommitted: FetchCommitted): Promise<StartPosition>
  onRecords(batch: RecordBatch, control: BatchControl): Promise<void>
  /** The partition goes to another member, or the source stops. */
  onRevoked(partition: TopicPartition): Promise<void>
}

/** The group's committed offset of the partition, undefined when there is none (or it fell off the log's start). */
export type FetchCommitted = () => Promise<CommittedOffset | undefined>

export interface CommittedOffset {
  readonly offset: bigint
  readonly metadata: string
}

export interface RecordSource {
  /** Joins the group and reads until `stop`. Rejects with TOPIC_MISSING, BROKER_UNREACHABLE, BROKER_REFUSED. */
  start(topics: readonly string[], consumer: PartitionConsumer): Promise<void>
  pause(partition: TopicPartition): void
  resume(partition: TopicPartition): void
  /** Whether all that the partition holds at the moment has been handed over and taken. */
  hasReadAll(partition: TopicPartition): Promise<boolean>
  /** Finishes the batches in hand, revokes every partition, leaves the group. */
  stop(): Promise<void>
}

/** How a topic stands, as the broker says. */
export interface TopicMeasure {
  readonly topic: string
  /** How many partitions it has in all. */
  readonly partitions: number
  /** Of the partitions held here: the offset up to which the consumer is done, and the one up to which there is something. */
  readonly held: ReadonlyMap<number, { readonly done: bigint; readonly end: bigint }>
}

export interface OutputRecord {
  readonly topic: string
  /** Chosen by the key's hash when absent. */
  readonly partition?: number
  readonly key: string | null
  /** null is a tombstone. */
  readonly value: string | Uint8Array | null
  readonly headers?: RecordHeaders
  /** Event time; the producer's time when absent. */
  readonly timestampMs?: number
}

export interface OffsetToCommit extends TopicPartition {
  /** The next offset to read. */
  readonly offset: bigint
  readonly metadata?: string
}

/** What becomes visible together: all or nothing. */
export interface CommitUnit {
  readonly records: readonly OutputRecord[]
  readonly offsets: readonly OffsetToCommit[]
}

/** One transactional producer. Opening a second one with the same id fences this one: its next commit rejects with FENCED. */
export interface TransactionalSink {
  commit(unit: CommitUnit): Promise<void>
  close(): Promise<void>
}

export interface SinkFactory {
  /** `group` is the consumer group whose offsets are committed. */
  open(transactionalId: string, group: string): Promise<TransactionalSink>
}

/** Named blobs: the newest whole version of each. A reader never sees a half-written one. */
export interface StateStore {
  put(name: string, bytes: Uint8Array): Promise<void>
  get(name: string): Promise<Uint8Array | undefined>
  list(prefix: string): Promise<readonly string[]>
  delete(name: string): Promise<void>
}

/** Where a blob lies in a log: the offsets of its first and of its last record. */
export interface LogPlace {
  readonly first: bigint
  readonly last: bigint
}

export interface StoredBlob {
  readonly name: string
  /** Its size, or a little more. */
  readonly bytes: number
}

/** Named blobs in a log that outlives this machine. Names are used once; what is not removed is kept. */
export interface StateLog {
  /** Durable when it resolves. */
  append(to: TopicPartition, name: string, bytes: Uint8Array): Promise<LogPlace>
  /** The blob that was appended there; undefined when a part of it is gone. */
  read(from: TopicPartition, name: string, place: LogPlace): Promise<Uint8Array | undefined>
  /** What begins with the prefix, was appended after that offset, and was not removed. */
  strays(from: TopicPartition, prefix: string, after: bigint): Promise<readonly StoredBlob[]>
  remove(from: TopicPartition, blobs: readonly StoredBlob[]): Promise<void>
}
