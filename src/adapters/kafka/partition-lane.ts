import type { Batch, KafkaMessage } from 'kafkajs'
import type { TidegaugeError } from '../../core/errors.ts'
import type { Logger } from '../../runtime/logger.ts'
import type {
  BatchControl,
  CommittedOffset,
  InputRecord,
  PartitionConsumer,
  TopicPartition,
} from '../../runtime/ports.ts'
import { type RetryPolicy, retryDelayMs, timerSleep } from '../../runtime/retry.ts'
import { Tenure } from '../../runtime/tenure.ts'
import { kafkaError } from './failure.ts'
import { LaneBuffer } from './lane-buffer.ts'
import type { OffsetQueries } from './offsets.ts'

const REASSIGN: RetryPolicy = { attempts: Number.POSITIVE_INFINITY, baseMs: 500, maxMs: 15_000, retryAfterMaxMs: 0 }

/** What a lane needs of the source that it belongs to. */
export interface LaneHost {
  readonly consumer: PartitionConsumer
  readonly logger: Logger
  /** Of the present connection. @throws TidegaugeError BROKER_UNREACHABLE when there is none. */
  queries(): OffsetQueries
  heartbeat(): Promise<void>
  /** The next fetch of the partition begins at `offset`. */
  seek(partition: TopicPartition, offset: bigint): void
  /** `lane.wantsFetch` may have changed. */
  fetchingChanged(lane: PartitionLane): void
  /** Buffered bytes above which a lane is not fetched. */
  laneBytesMax(): number
  /** The partition could not be taken up, and why; it is tried again. undefined: it was, or is no longer ours to. */
  notTaken(partition: TopicPartition, error: TidegaugeError | undefined): void
  /** The consumer failed in a way that trying again does not help. */
  failed(error: TidegaugeError): void
}

/**
 * One assigned partition, between the fetches of the client and the consumer. Fetched batches wait here, in order, and
 * are handed over one at a time; a lane that holds enough is not fetched, so a slow partition neither stops the others
 * nor takes all the memory, and heartbeats go on meanwhile.
 *
 *   assigning -> reading -> closed     assigning: the consumer restores its state, then says where to begin
 *       ^___________|                  reading -> assigning: the consumer failed, and starts over from what is durable
 */
export class PartitionLane {
  readonly partition: TopicPartition
  readonly #host: LaneHost
  readonly #abort = new AbortController()
  readonly #buffer = new LaneBuffer()
  #state: 'assigning' | 'reading' | 'closed' = 'assigning'
  /** Where the next fetch begins; undefined until the consumer has said so. */
  #next: bigint | undefined
  /** Where the consumer begins, or the offset after the newest batch that it is done with. */
  #done: bigint | undefined
  #paused = false
  /** What `isCurrent` looks at: replaced when the consumer starts over, so that a control of before stays revoked. */
  #tenure = new Tenure()
  /** Between onAssigned and onRevoked. */
  #held = false
  /** Everything that calls the consumer is chained here: never two calls at a time. */
  #calls: Promise<void> = Promise.resolve()
  #draining = false
  #busySinceMs: number | undefined
  #closing: Promise<void> | undefined

  constructor(partition: TopicPartition, host: LaneHost) {
    this.partition = partition
    this.#host = host
  }

  get wantsFetch(): boolean {
    return this.#state === 'reading' && !this.#paused && !this.#buffer.isFull
  }

  get nextOffset(): bigint | undefined {
    return this.#next
  }

  /** Everything that was fetched has been taken. */
  get isDrained(): boolean {
    return this.#state === 'reading' && !this.#draining && this.#buffer.isEmpty
  }

  /** How far the consumer is done, in a log that ends at `end`; undefined before it has begun. */
  reach(end: bigint): { readonly done: bigint; readonly end: bigint } | undefined {
    const done = this.#done
    if (done === undefined) return undefined
    // When all is taken, what lies before the next fetch was passed over: aborted records, markers of transactions.
    const hasReached = this.isDrained && this.#next !== undefined && this.#next >= end
    return { done, end: hasReached ? done : maxOf(done, end) }
  }

  get isHeldBack(): boolean {
    return this.#buffer.isFull
  }

  /** When the call began that the consumer has not returned from. */
  get busySinceMs(): number | undefined {
    return this.#busySinceMs
  }

  get #isOpen(): boolean {
    return this.#state !== 'closed'
  }

  /** Lets the consumer restore, then reads. `after` has to end first: the same partition's lane of before. */
  open(after: Promise<void>): void {
    this.#calls = after.then(() => this.#assign())
  }

  setPaused(paused: boolean): void {
    this.#paused = paused
    this.#host.fetchingChanged(this)
  }

  /** Takes a fetched batch. Records from before the position are dropped; one that lies after it is fetched anew. */
  accept(batch: Batch, fetchedOffset: bigint): void {
    if (this.#state !== 'reading' || this.#next === undefined) return
    if (fetchedOffset > this.#next) {
      this.#seekAgain(this.#next)
      return
    }
    const next = this.#next
    // Only the first fetch after a seek can begin before the position, with the batch that the record lies in.
    const early = fetchedOffset < next || BigInt(batch.messages[0]?.offset ?? next) < next
    const messages = early ? batch.messages.filter((message) => BigInt(message.offset) >= next) : batch.messages
    this.#next = maxOf(next, BigInt(batch.lastOffset()) + 1n)
    if (messages.length === 0) return
    this.#buffer.push(messages, BigInt(batch.highWatermark), this.#host.laneBytesMax())
    if (this.#buffer.isFull) this.#host.fetchingChanged(this)
    this.#drainSoon()
  }

  /** The client passed over records that readers do not see: aborted ones, and the markers of transactions. */
  skipped(lastOffset: bigint): void {
    if (this.#state === 'reading' && this.#next !== undefined) this.#next = maxOf(this.#next, lastOffset + 1n)
  }

  /** `lost`: another member has the partition, nothing may be committed any more. Waits for the call in hand. */
  close(reason: 'lost' | 'stopping'): Promise<void> {
    if (reason === 'lost') this.#tenure.end()
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #finish(): Promise<void> {
    this.#state = 'closed'
    this.#buffer.clear()
    this.#abort.abort()
    await this.#calls
    await this.#revoke()
    this.#tenure.end()
  }

  /** The fetch was under way when the position was set back, or the log has lost its start meanwhile. */
  #seekAgain(offset: bigint): void {
    this.#state = 'assigning'
    this.#host.fetchingChanged(this)
    this.#calls = this.#calls.then(async () => {
      try {
        const { start } = await this.#host.queries().bounds(this.partition)
        this.#begin(this.#withinLog(offset, start))
      } catch (error) {
        this.#startOver(kafkaError(error))
      }
    })
  }

  async #assign(): Promise<void> {
    for (let attempt = 1; this.#isOpen; attempt++) {
      try {
        this.#held = true
        const position = await this.#host.consumer.onAssigned(this.partition, () => this.#fetchCommitted())
        if (!this.#isOpen) return
        const queries = this.#host.queries()
        const bounds = await queries.bounds(this.partition)
        this.#begin(this.#withinLog(await queries.resolve(this.partition, position, bounds), bounds.start))
        this.#host.notTaken(this.partition, undefined)
        return
      } catch (thrown) {
        const error = kafkaError(thrown)
        if (!mayHeal(error)) {
          this.#host.failed(error)
          return
        }
        this.#host.logger.warn('a partition could not be taken up, trying again', { ...this.partition, error })
        this.#host.notTaken(this.partition, error)
        await this.#revoke()
        await timerSleep(retryDelayMs(REASSIGN, attempt, Math.random()), this.#abort.signal)
      }
    }
  }

  #begin(offset: bigint): void {
    if (!this.#isOpen) return
    this.#next = offset
    this.#done = offset
    this.#state = 'reading'
    this.#host.seek(this.partition, offset)
    this.#host.fetchingChanged(this)
  }

  /** A committed offset before the log's start counts as none: what lies between is gone. */
  async #fetchCommitted(): Promise<CommittedOffset | undefined> {
    const queries = this.#host.queries()
    const committed = await queries.committed(this.partition)
    if (committed === undefined) return undefined
    const { start } = await queries.bounds(this.partition)
    return this.#withinLog(committed.offset, start) === committed.offset ? committed : undefined
  }

  #withinLog(offset: bigint, start: bigint): bigint {
    if (offset >= start) return offset
    this.#host.logger.error('records were removed from the topic before they were read: raise its retention', {
      ...this.partition,
      lost: String(start - offset),
      from: String(offset),
      start: String(start),
    })
    return start
  }

  #drainSoon(): void {
    if (this.#draining) return
    this.#draining = true
    this.#calls = this.#calls.then(() => this.#drain())
  }

  async #drain(): Promise<void> {
    const tenure = this.#tenure
    const heartbeat = () => this.#host.heartbeat()
    const control: BatchControl = { heartbeat, isCurrent: () => tenure.isCurrent, tenure }
    try {
      for (let batch = this.#buffer.shift(); batch !== undefined; batch = this.#buffer.shift()) {
        this.#busySinceMs = Date.now()
        const records = batch.messages.map(toRecord)
        await this.#host.consumer.onRecords({ ...this.partition, records, endOffset: batch.endOffset }, control)
        this.#done = (records.at(-1)?.offset ?? 0n) + 1n
        const wasFull = this.#buffer.isFull
        this.#buffer.done(batch, this.#host.laneBytesMax())
        if (wasFull && !this.#buffer.isFull) this.#host.fetchingChanged(this)
      }
    } catch (error) {
      this.#startOver(kafkaError(error))
    } finally {
      // In the same turn in which the buffer was found empty: a batch that comes now starts the next drain.
      this.#busySinceMs = undefined
      this.#draining = false
    }
  }

  /** The consumer's state can no longer be trusted to match its commits: it restores what is durable. */
  #startOver(error: TidegaugeError): void {
    if (!this.#isOpen) return
    if (!mayHeal(error)) {
      this.#host.failed(error)
      return
    }
    this.#host.logger.warn('a partition starts over from its committed state', { ...this.partition, error })
    this.#tenure.end()
    this.#tenure = new Tenure()
    this.#state = 'assigning'
    this.#next = undefined
    this.#buffer.clear()
    this.#host.fetchingChanged(this)
    this.#calls = this.#calls.then(async () => {
      await this.#revoke()
      await timerSleep(retryDelayMs(REASSIGN, 1, Math.random()), this.#abort.signal)
      await this.#assign()
    })
  }

  async #revoke(): Promise<void> {
    if (!this.#held) return
    this.#held = false
    try {
      await this.#host.consumer.onRevoked(this.partition)
    } catch (error) {
      // A fenced commit on the way out is the rule when another member was faster: nothing of it became visible.
      this.#host.logger.debug('revoked with an error', { ...this.partition, error })
    }
  }
}

/** FENCED heals by opening again: either the partition is still ours, or the group is about to take it away. */
function mayHeal(error: TidegaugeError): boolean {
  return error.retryable || error.code === 'FENCED'
}

function toRecord(message: KafkaMessage): InputRecord {
  return {
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: message.headers,
  }
}

const maxOf = (a: bigint, b: bigint) => (a > b ? a : b)
