import type { Admin, Kafka } from 'kafkajs'
import { TidegaugeError } from '../../core/errors.ts'
import type { TaskRecord } from '../../pipeline/partition-task.ts'
import type { TopicPartition } from '../../runtime/ports.ts'
import { kafkaError } from './failure.ts'
import { LogFetcher } from './log-fetcher.ts'
import { OffsetQueries } from './offsets.ts'
import { partitionCounts } from './topics.ts'

/** Records handed over at once. */
const BATCH = 1_000

/** Nothing is asked about commits. */
const NO_GROUP = ''

/** Offsets of one partition: from `start` to before `end`. */
export interface OffsetRange extends TopicPartition {
  readonly start: bigint
  readonly end: bigint
}

/** By the records' own timestamps in Kafka; the end is not included. Without one: all that is there. */
export interface HistoryTimes {
  readonly startMs: number
  readonly endMs?: number
}

/** Reads again what a topic holds: no consumer group is joined, nothing is committed, and only what is committed is seen. */
export class TopicHistory {
  readonly #admin: Admin
  readonly #queries: OffsetQueries
  readonly #fetcher: LogFetcher
  /** One for each partition, as the log stood when this was opened. */
  readonly ranges: readonly OffsetRange[]

  private constructor(kafka: Kafka, admin: Admin, queries: OffsetQueries, ranges: readonly OffsetRange[]) {
    this.#admin = admin
    this.#queries = queries
    this.#fetcher = new LogFetcher(kafka)
    this.ranges = ranges
  }

  /** Throws TOPIC_MISSING, and what brokers refuse. */
  static async open(kafka: Kafka, topic: string, times: HistoryTimes): Promise<TopicHistory> {
    const count = (await partitionCounts(kafka, [topic])).get(topic)
    if (count === undefined)
      throw new TidegaugeError('TOPIC_MISSING', 'no such topic', { where: topic, hint: 'is its name right?' })
    const admin = kafka.admin()
    const queries = new OffsetQueries(admin, NO_GROUP)
    try {
      await admin.connect()
      const ranges: OffsetRange[] = []
      for (let partition = 0; partition < count; partition++)
        ranges.push(await offsetRange(queries, { topic, partition }, times))
      return new TopicHistory(kafka, admin, queries, ranges)
    } catch (error) {
      await admin.disconnect().catch(() => undefined)
      throw kafkaError(error, topic)
    }
  }

  /** The records of one of the ranges, in offset order. */
  async *batches(range: OffsetRange): AsyncGenerator<readonly TaskRecord[]> {
    let next = range.start
    let batch: TaskRecord[] = []
    for (;;) {
      for await (const { offset, timestampMs, value } of this.#fetcher.records(range, next, range.end - 1n)) {
        batch.push({ offset, timestampMs, value })
        next = offset + 1n
        if (batch.length < BATCH) continue
        yield batch
        batch = []
      }
      // Retention may have overtaken the reader: it goes on with the oldest record that is left.
      const { start } = await this.#queries.bounds(range)
      if (start <= next || start >= range.end) break
      next = start
    }
    if (batch.length > 0) yield batch
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#admin.disconnect(), this.#fetcher.close()])
  }
}

async function offsetRange(
  queries: OffsetQueries,
  at: TopicPartition,
  { startMs, endMs }: HistoryTimes,
): Promise<OffsetRange> {
  const bounds = await queries.bounds(at)
  const offsetOf = (timestampMs: number) => queries.resolve(at, { kind: 'time', timestampMs }, bounds)
  const start = await offsetOf(startMs)
  return { ...at, start, end: endMs === undefined ? bounds.end : await offsetOf(endMs) }
}
