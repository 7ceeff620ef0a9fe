import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'

/** A record as a reader of committed transactions sees it. */
export interface CommittedRecord {
  readonly topic: string
  readonly partition: number
  readonly key: string | null
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
  readonly timestampMs: number
}

/** Everything that is committed in a topic now, partition by partition in the order of the log. */
export async function readAllCommitted(kafka: Kafka, topic: string, timeoutMs = 90_000): Promise<CommittedRecord[]> {
  const missing = await endOffsets(kafka, topic)
  const records: CommittedRecord[][] = []
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 100 })
  // Markers of transactions have offsets too, so a partition is read when a fetch has passed its end, not when as many
  // records have come.
  const passed = (partition: number, lastOffset: string) => {
    const end = missing.get(partition)
    if (end !== undefined && BigInt(lastOffset) + 1n >= end) missing.delete(partition)
  }
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => passed(payload.partition, payload.lastOffset))
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) passed(payload.partition, payload.lastOffset)
    })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { partition, messages } }) => {
        for (const { key, value, headers, timestamp } of messages) {
          records[partition] ??= []
          records[partition].push({
            topic,
            partition,
            key: key?.toString() ?? null,
            value: value?.toString() ?? '',
            headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)])),
            timestampMs: Number(timestamp),
          })
        }
      },
    })
    for (const deadline = Date.now() + timeoutMs; missing.size > 0; await sleep(20)) {
      if (Date.now() > deadline) {
        throw new Error(`${topic}: partitions ${[...missing.keys()]} were not read to their end in ${timeoutMs} ms`)
      }
    }
    return records.flat()
  } finally {
    await consumer.disconnect()
  }
}

/** Partitions that hold anything, with the offset after their newest record. */
export async function endOffsets(kafka: Kafka, topic: string): Promise<Map<number, bigint>> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    const ends = offsets.map(({ partition, high }) => [partition, BigInt(high)] as const)
    return new Map(ends.filter(([, end]) => end > 0n))
  } finally {
    await admin.disconnect()
  }
}

/** Records of the topic that the group has not committed. */
export async function lagOf(kafka: Kafka, group: string, topic: string): Promise<number> {
  const ends = await endOffsets(kafka, topic)
  const admin = kafka.admin()
  await admin.connect()
  try {
    const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
    const positions = new Map(committed?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
    let lag = 0n
    for (const [partition, end] of ends) {
      // The broker says -1 for "none".
      const position = positions.get(partition) ?? -1n
      lag += end - (position < 0n ? 0n : position)
    }
    return Number(lag)
  } finally {
    await admin.disconnect()
  }
}
