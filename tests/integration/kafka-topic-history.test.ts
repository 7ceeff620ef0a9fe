import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Producer, type Transaction } from 'kafkajs'
import { expect, it, onTestFinished } from 'vitest'
import { type HistoryTimes, TopicHistory } from '../../src/adapters/kafka/topic-history.ts'
import { freshTopic, publish, testClient, uniqueName } from '../support/kafka.ts'

const { CompressionTypes } = kafkajs
const ALL: HistoryTimes = { startMs: 0 }

async function opened(topic: string, times = ALL): Promise<TopicHistory> {
  const history = await TopicHistory.open(testClient(), topic, times)
  onTestFinished(() => history.close())
  return history
}

/** The values of each partition. */
async function valuesOf(history: TopicHistory): Promise<string[][]> {
  const values: string[][] = []
  for (const range of history.ranges) {
    const own: string[] = []
    for await (const records of history.batches(range))
      for (const { value } of records) own.push(Buffer.from(value ?? []).toString())
    values.push(own)
  }
  return values
}

const read = async (topic: string, times?: HistoryTimes) => (await valuesOf(await opened(topic, times))).flat()

async function connected(): Promise<Producer> {
  const transactionalId = uniqueName('history')
  const options = { transactionalId, idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false }
  const producer = testClient().producer(options)
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  return producer
}

async function begun(producer: Producer, topic: string, ...values: readonly string[]): Promise<Transaction> {
  const transaction = await producer.transaction()
  await transaction.send({ topic, messages: values.map((value) => ({ value })) })
  return transaction
}

it('holds what was committed and nothing that was aborted', async () => {
  const topic = await freshTopic(1)
  const producer = await connected()
  await (await begun(producer, topic, 'a', 'b')).commit()
  await (await begun(producer, topic, 'never', 'neither')).abort()
  await (await begun(producer, topic, 'c')).commit()
  const history = await opened(topic)
  expect(await valuesOf(history)).toEqual([['a', 'b', 'c']])
  // Five records and three markers, the last of which ends the log.
  expect(history.ranges).toEqual([{ topic, partition: 0, start: 0n, end: 8n }])
})

it('ends where the first transaction is open, and goes past it once it has ended', async () => {
  const topic = await freshTopic(1)
  const [one, other] = [await connected(), await connected()]
  await (await begun(one, topic, 'a')).commit()
  const open = await begun(other, topic, 'open')
  await (await begun(one, topic, 'behind it')).commit()
  expect(await read(topic)).toEqual(['a'])
  await open.abort()
  expect(await read(topic)).toEqual(['a', 'behind it'])
})

it('begins within an aborted transaction, and in the middle of a batch', async () => {
  const topic = await freshTopic(1)
  const timed = (values: readonly string[], from: number) =>
    values.map((value, i) => ({ value, timestampMs: from + i }))
  await publish(topic, timed(['a', 'b', 'c'], 1_000))
  const aborted = await (await connected()).transaction()
  const messages = timed(['x', 'y', 'z'], 2_000).map(({ value, timestampMs }) => ({
    value,
    timestamp: String(timestampMs),
  }))
  await aborted.send({ topic, messages })
  await aborted.abort()
  await publish(topic, timed(['d', 'e'], 3_000))
  expect(await read(topic, { startMs: 1_001 })).toEqual(['b', 'c', 'd', 'e'])
  expect(await read(topic, { startMs: 1_001, endMs: 2_001 })).toEqual(['b', 'c'])
  expect(await read(topic, { startMs: 1_001, endMs: 1_002 })).toEqual(['b'])
  expect(await read(topic, { startMs: 2_001 })).toEqual(['d', 'e'])
  expect(await read(topic, { startMs: 2_001, endMs: 2_002 })).toEqual([])
  expect(await read(topic, { startMs: Date.now() + 60_000 })).toEqual([])
})

it('reads every codec, partition after partition, with times and over the end of an answer', async () => {
  const topic = await freshTopic(2)
  const producer = testClient().producer({ allowAutoTopicCreation: false })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  const codecs = [CompressionTypes.None, CompressionTypes.GZIP, CompressionTypes.Snappy, CompressionTypes.LZ4]
  for (const [i, compression] of codecs.entries()) {
    const value = `${i}${'.'.repeat(600_000)}`
    // More than the 8 MiB that one answer holds.
    for (let n = 0; n < 5; n++) {
      const messages = [0, 1].map((partition) => ({
        value: value + partition,
        partition,
        timestamp: String(1_000 + i),
      }))
      await producer.send({ topic, compression, messages })
    }
  }
  const history = await opened(topic)
  for (const range of history.ranges) {
    const found: unknown[] = []
    for await (const records of history.batches(range))
      for (const { offset, timestampMs, value } of records) {
        const text = Buffer.from(value ?? []).toString()
        found.push([offset, timestampMs, text[0], text.at(-1), text.length])
      }
    const expected = codecs.flatMap((_, i) => Array.from({ length: 5 }, () => [1_000 + i, String(i)]))
    expect(found).toEqual(expected.map(([ms, i], n) => [BigInt(n), ms, i, String(range.partition), 600_002]))
  }
})

it('goes on with the oldest record that is left when retention has overtaken it', async () => {
  const topic = await freshTopic(2)
  const values = Array.from({ length: 10 }, (_, i) => ({ value: String(i), partition: 1 }))
  await publish(topic, values)
  const history = await opened(topic)
  const admin = testClient().admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  // The client removes only from topics that it has heard of.
  await admin.fetchTopicOffsets(topic)
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '7' }] })
  expect(await valuesOf(history)).toEqual([[], ['7', '8', '9']])
  await publish(topic, [{ value: 'younger than the history', partition: 1 }])
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '10' }] })
  expect(await valuesOf(history)).toEqual([[], []])
})

it('reads over what compaction took, up to the end of the log', { timeout: 120_000 }, async () => {
  const kafka = testClient()
  const topic = uniqueName('compacted')
  const admin = kafka.admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  const config = {
    'cleanup.policy': 'compact',
    'segment.ms': '1000',
    'min.cleanable.dirty.ratio': '0.001',
    'delete.retention.ms': '0',
  }
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: true })
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  const send = (...messages: { key: string; value: string | null }[]) => producer.send({ topic, messages })
  await send({ key: 'a', value: 'old' }, { key: 'b', value: 'kept' }, { key: 'a', value: null })
  const deadline = Date.now() + 100_000
  let found = ['old']
  // Each round ends a segment, which lets the cleaner have the one before.
  for (let round = 0; found.includes('old') || found.includes('round 0'); round++) {
    if (Date.now() > deadline) throw new Error('nothing was compacted')
    await sleep(1_500)
    await send({ key: 'c', value: `round ${round}` })
    found = await read(topic)
    expect(found.at(-1)).toBe(`round ${round}`)
  }
  expect(found[0]).toBe('kept')
})
