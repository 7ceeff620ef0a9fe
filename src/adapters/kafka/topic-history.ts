import type { Kafka } from 'kafkajs'
import type { TaskRecord } from '../../pipeline/partition-task.ts'
import { LogFetcher } from './log-fetcher.ts'
import { OffsetQueries } from './offsets.ts'

/** Records handed over at once. */
const BATCH = 1_000

/**
 * Reads a topic again from a time up to its present end, partition after partition, in offset order: no consumer group is
 * joined and nothing is committed. Records of transactions that were aborted are seen too.
 */
export async function* topicHistory(
  kafka: Kafka,
  topic: string,
  fromMs: number,
): AsyncGenerator<{ readonly partition: number; readonly records: readonly TaskRecord[] }> {
  const admin = kafka.admin()
  const fetcher = new LogFetcher(kafka)
  try {
    await admin.connect()
    const queries = new OffsetQueries(admin, '')
    await queries.requireTopics([topic])
    for (const [partition, end] of await queries.ends(topic)) {
      const at = { topic, partition }
      const bounds = await queries.bounds(at)
      const first = await queries.resolve(at, { kind: 'time', timestampMs: fromMs }, bounds)
      let batch: TaskRecord[] = []
      for await (const { offset, timestampMs, value } of fetcher.records(at, first, end - 1n)) {
        batch.push({ offset, timestampMs, value })
        if (batch.length < BATCH) continue
        yield { partition, records: batch }
        batch = []
      }
      yield { partition, records: batch }
    }
  } finally {
    await Promise.allSettled([admin.disconnect(), fetcher.close()])
  }
}
