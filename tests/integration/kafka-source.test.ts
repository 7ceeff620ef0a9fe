import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ensureTopics } from '../../src/adapters/kafka/topics.ts'
import { TidegaugeError } from '../../src/core/errors.ts'
import { eventually, freshTopic, publish, testClient, testSinks, testSource, uniqueName } from '../support/kafka.ts'
import { CollectingConsumer, resume } from '../support/kafka-consumer.ts'

const numbered = (from: number, to: number, partitions: number) =>
  Array.from({ length: to - from }, (_, i) => ({ value: String(from + i), partition: (from + i) % partitions }))

describe('the Kafka source', () => {
  it('hands over every record of every partition once, in order', async () => {
    const topic = await freshTopic(3)
    await publish(topic, numbered(0, 3_000, 3))
    const consumer = new CollectingConsumer(resume)
    const { source } = testSource(uniqueName('group'))
    await source.start([topic], consumer)
    await eventually(() => consumer.values.length >= 3_000)
    for (let partition = 0; partition < 3; partition++) {
      const seen = consumer.seen.get(`${topic}-${partition}`)!
      expect(seen.map((record) => Number(record.value))).toEqual(
        Array.from({ length: 1_000 }, (_, i) => i * 3 + partition),
      )
      expect(seen.map((record) => record.offset)).toEqual(Array.from({ length: 1_000 }, (_, i) => BigInt(i)))
    }
    expect(consumer.overlaps).toBe(0)
    await source.stop()
    expect([...consumer.events.values()].map((events) => [events[0], events.at(-1)])).toEqual(
      Array.from({ length: 3 }, () => ['assigned', 'revoked']),
    )
  })

  it('resumes at the offset that a transaction committed', async () => {
    const topic = await freshTopic(1)
    const output = await freshTopic(1)
    const group = uniqueName('group')
    await publish(topic, numbered(0, 100, 1))
    const sink = await testSinks().open(uniqueName('id'), group)
    onTestFinished(() => sink.close())
    await sink.commit({
      records: [{ topic: output, key: null, value: 'x' }],
      offsets: [{ topic, partition: 0, offset: 60n, metadata: 'at sixty' }],
    })
    const consumer = new CollectingConsumer(resume)
    const { source } = testSource(group)
    await source.start([topic], consumer)
    await eventually(() => consumer.values.length >= 40)
    expect(consumer.committed.get(`${topic}-0`)).toEqual({ offset: 60n, metadata: 'at sixty' })
    expect(consumer.values[0]).toBe('60')
  })

  it('begins at a time, at the end, or at the beginning', async () => {
    const topic = await freshTopic(3)
    const at = (minute: number) => Date.UTC(2026, 0, 1) + minute * 60_000
    await publish(
      topic,
      Array.from({ length: 30 }, (_, i) => ({ value: String(i), partition: i % 3, timestampMs: at(i) })),
    )
    const consumer = new CollectingConsumer(({ partition }) => {
      if (partition === 0) return { kind: 'earliest' }
      return partition === 1 ? { kind: 'latest' } : { kind: 'time', timestampMs: at(15) }
    })
    const { source } = testSource(uniqueName('group'))
    await source.start([topic], consumer)
    await eventually(() => consumer.seen.has(`${topic}-0`) && consumer.seen.has(`${topic}-2`))
    // What comes after joining is seen by the one that began at the end.
    await sleep(500)
    await publish(topic, [{ value: 'new', partition: 1, timestampMs: at(31) }])
    await eventually(() => consumer.seen.has(`${topic}-1`))
    const values = (partition: number) => consumer.seen.get(`${topic}-${partition}`)!.map((record) => record.value)
    expect(values(0)).toEqual(['0', '3', '6', '9', '12', '15', '18', '21', '24', '27'])
    expect(values(1)).toEqual(['new'])
    expect(values(2)).toEqual(['17', '20', '23', '26', '29'])
  })

  it('names the topics that are missing', async () => {
    const [present, missing] = [await freshTopic(1), uniqueName('missing')]
    const { source } = testSource(uniqueName('group'))
    const started = source.start([present, missing], new CollectingConsumer(resume))
    await expect(started).rejects.toMatchObject({ code: 'TOPIC_MISSING', message: `no such topic: ${missing}` })
  })

  it('waits for a missing topic when told to', async () => {
    const topic = uniqueName('later')
    const consumer = new CollectingConsumer(resume)
    const { source } = testSource(uniqueName('group'), { missingTopic: 'wait' })
    const started = source.start([topic], consumer)
    await sleep(1_000)
    await ensureTopics(testClient(), [{ topic, partitions: 1 }])
    await started
    await publish(topic, [{ value: 'there' }])
    await eventually(() => consumer.values.includes('there'))
  })

  it('holds a partition back when it is paused, and goes on where it was', async () => {
    const topic = await freshTopic(2)
    const consumer = new CollectingConsumer(resume)
    const { source } = testSource(uniqueName('group'))
    await source.start([topic], consumer)
    await publish(topic, numbered(0, 10, 2))
    await eventually(() => consumer.values.length === 10)
    source.pause({ topic, partition: 0 })
    await sleep(600)
    await publish(topic, numbered(10, 20, 2))
    await eventually(() => consumer.values.length === 15)
    await sleep(600)
    expect(consumer.seen.get(`${topic}-0`)).toHaveLength(5)
    source.resume({ topic, partition: 0 })
    await eventually(() => consumer.values.length === 20)
    expect(consumer.seen.get(`${topic}-0`)!.map((record) => record.value)).toEqual(
      [...'02468'].concat(['10', '12', '14', '16', '18']),
    )
  })

  it('does not buffer without bound for a consumer that is slow, and loses nothing', async () => {
    const topic = await freshTopic(1)
    const filler = 'x'.repeat(10_000)
    await publish(
      topic,
      Array.from({ length: 600 }, (_, i) => ({ value: `${i} ${filler}` })),
    )
    const consumer = new CollectingConsumer(resume)
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    consumer.onBatch = () => released
    const { source } = testSource(uniqueName('group'), { bufferedBytesMax: 1 })
    await source.start([topic], consumer)
    await eventually(() => consumer.values.length > 0)
    // The batch in hand and the next ones up to 1 MiB; the group is not left meanwhile.
    await sleep(1_500)
    expect(consumer.values.length).toBeLessThan(150)
    release()
    await eventually(() => consumer.values.length === 600)
    expect(consumer.values.map((value) => Number(value.split(' ')[0]))).toEqual(
      Array.from({ length: 600 }, (_, i) => i),
    )
  })

  it('starts a partition over from its committed state when the consumer fails', async () => {
    const topic = await freshTopic(1)
    await publish(topic, numbered(0, 20, 1))
    const consumer = new CollectingConsumer(resume)
    let failures = 0
    consumer.onBatch = async (_, control) => {
      if (failures++ > 0) return
      expect(control.isCurrent()).toBe(true)
      throw new TidegaugeError('FENCED', 'somebody else has the id')
    }
    const { source, failures: fatal } = testSource(uniqueName('group'))
    await source.start([topic], consumer)
    await eventually(() => consumer.values.length === 40)
    const events = consumer.events.get(`${topic}-0`)!
    expect(events.slice(0, 4)).toEqual(['assigned', 'records', 'revoked', 'assigned'])
    expect(fatal).toEqual([])
  })

  it('ends when the consumer fails in a way that does not heal', async () => {
    const topic = await freshTopic(1)
    await publish(topic, numbered(0, 20, 1))
    const consumer = new CollectingConsumer(resume)
    consumer.onBatch = async () => {
      throw new TidegaugeError('MODEL_INVALID', 'the model is of another shape')
    }
    const { source, failures } = testSource(uniqueName('group'))
    await source.start([topic], consumer)
    await eventually(() => failures.length > 0)
    expect(failures[0]).toMatchObject({ code: 'MODEL_INVALID' })
  })

  it('says that a partition cannot be taken up, as long as it cannot, and that it was', async () => {
    const topic = await freshTopic(1)
    await publish(topic, numbered(0, 3, 1))
    const consumer = new CollectingConsumer((partition, committed) => {
      if (notTaken.length < 2) throw new TidegaugeError('STORAGE_FAILED', 'the state cannot be had')
      return resume(partition, committed)
    })
    const { source, notTaken } = testSource(uniqueName('group'))
    await source.start([topic], consumer)
    await eventually(() => consumer.values.length === 3)
    expect(notTaken).toEqual(['the state cannot be had', 'the state cannot be had', ''])
  })

  it('asks the broker how far behind it is, also while nothing is fetched', async () => {
    const topic = await freshTopic(2)
    await publish(topic, numbered(0, 10, 2))
    const consumer = new CollectingConsumer(resume)
    const { source, measures } = testSource(uniqueName('group'))
    await source.start([topic], consumer)
    await eventually(() => consumer.values.length === 10)
    source.pause({ topic, partition: 0 })
    await publish(topic, numbered(10, 30, 2))
    const behind = () => measures.at(-1)?.held.get(0)
    await eventually(() => behind()?.end === 15n, 15_000)
    expect(behind()).toEqual({ done: 5n, end: 15n })
    expect(measures.at(-1)).toMatchObject({ topic, partitions: 2 })
    expect(measures.at(-1)?.held.get(1)).toEqual({ done: 15n, end: 15n })
  })
})
