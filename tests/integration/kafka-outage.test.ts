import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type LocalBroker, startLocalBroker } from '../../src/adapters/kafka/local-broker.ts'
import {
  eventually,
  freshTopic,
  publish,
  readCommitted,
  testClient,
  testSinks,
  testSource,
  uniqueName,
} from '../support/kafka.ts'
import { CollectingConsumer, resume } from '../support/kafka-consumer.ts'
import { freePort } from '../support/ports.ts'

async function ownBroker(options: Parameters<typeof startLocalBroker>[0] = {}): Promise<LocalBroker> {
  const broker = await startLocalBroker(options)
  onTestFinished(() => broker.stop())
  return broker
}

describe('an outage of the broker', () => {
  it('is survived: the state stays, reading goes on after the last record, and commits go through again', async () => {
    const broker = await ownBroker()
    const kafka = testClient(broker.brokers)
    const [topic, output] = [await freshTopic(1, kafka), await freshTopic(1, kafka)]
    const group = uniqueName('group')
    const consumer = new CollectingConsumer(resume)
    const { source, failures } = testSource(group, {
      brokers: broker.brokers,
      times: { sessionTimeoutMs: 4_000 },
    })
    await source.start([topic], consumer)
    await publish(topic, [{ value: 'before' }], kafka)
    await eventually(() => consumer.values.length === 1)
    const sink = await testSinks(broker.brokers).open(uniqueName('id'), group)
    onTestFinished(() => sink.close())
    const unit = (offset: bigint) => ({
      records: [{ topic: output, key: null, value: `to ${offset}` }],
      offsets: [{ topic, partition: 0, offset }],
    })
    await sink.commit(unit(1n))
    // A broker that is killed before it has written the markers of a committed transaction may come back without them;
    // that is not what is tested here.
    await readCommitted(output, 1, 10_000, kafka)

    broker.signal('SIGKILL')
    await expect(sink.commit(unit(2n))).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' })
    await ownBroker({ folder: broker.folder, port: broker.port })
    await publish(topic, [{ value: 'after' }], testClient(broker.brokers))
    await eventually(() => consumer.values.length === 2, 60_000)
    expect(consumer.values).toEqual(['before', 'after'])
    expect(consumer.events.get(`${topic}-0`)).toEqual(['assigned', 'records', 'records'])
    await sink.commit(unit(2n))
    expect(failures).toEqual([])
  })

  it('at the start is waited for, and a source that waits can be stopped', async () => {
    const port = await freePort()
    const brokers = [`127.0.0.1:${port}`]
    const consumer = new CollectingConsumer(resume)
    const { source } = testSource(uniqueName('group'), { brokers, missingTopic: 'wait' })
    const topic = uniqueName('topic')
    let joined = false
    const started = source.start([topic], consumer).then(() => {
      joined = true
    })
    const stopped = testSource(uniqueName('group'), { brokers })
    void stopped.source.start([topic], new CollectingConsumer(resume))
    await sleep(1_500)
    expect(joined).toBe(false)
    const stopping = performance.now()
    await stopped.source.stop()
    expect(performance.now() - stopping).toBeLessThan(5_000)

    await ownBroker({ port })
    const kafka = testClient(brokers)
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
    await admin.disconnect()
    await publish(topic, [{ value: 'at last' }], kafka)
    await started
    await eventually(() => consumer.values.length === 1)
  })
})
