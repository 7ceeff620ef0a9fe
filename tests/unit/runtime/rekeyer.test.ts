import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Rekeyer } from '../../../src/runtime/rekeyer.ts'
import { FakeBroker, FakeSource } from '../../support/fake-broker.ts'
import { pipelineOptions } from '../../support/pipeline-options.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'

const FROM = { topic: 'metrics', partition: 1 }
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const cpu = (labels: Record<string, string>, value = 1) => json({ name: 'cpu', labels, timestamp: 60_000, value })

async function setUp(over: Parameters<typeof pipelineOptions>[0] = {}) {
  const broker = new FakeBroker()
  const logger = new RecordingLogger()
  const source = new FakeSource(broker)
  const rekeyer = new Rekeyer(
    { pipeline: pipelineOptions(over), group: 'web-rekey', topic: 'sorted', start: { kind: 'earliest' } },
    { sinks: broker, logger, sleep: () => nextTurn() },
  )
  await source.start([FROM.topic], rekeyer)
  return { broker, logger, source }
}

describe('Rekeyer', () => {
  it('keys each record by its series, and leaves value and time as they are', async () => {
    const { broker, source } = await setUp()
    const value = cpu({ host: 'a' })
    broker.append(FROM, value, 123)
    await source.assign(FROM)
    await source.poll(FROM, 10)
    const headers = { 'tidegauge-source': 'metrics-1@0' }
    expect(broker.visible).toMatchObject([
      { topic: 'sorted', key: 'cpu{host="a"}', value, timestampMs: 123, headers, source: 'metrics-1' },
    ])
    expect(broker.offsets.get('metrics-1')).toBe(1n)
  })

  it('keys by what makes a series in the pipeline: without dropped labels, or by what is joined', async () => {
    const dropping = await setUp({ select: { rules: [], dropLabels: ['pod'] } })
    const joining = await setUp({ join: { by: ['host'], metrics: ['cpu', 'mem'], name: 'host' } })
    for (const { broker, source } of [dropping, joining]) {
      for (const pod of ['1', '2']) broker.append(FROM, cpu({ host: 'a', pod }), 1)
      await source.assign(FROM)
      await source.poll(FROM, 10)
    }
    expect(dropping.broker.visible.map(({ key }) => key)).toEqual(['cpu{host="a"}', 'cpu{host="a"}'])
    expect(joining.broker.visible.map(({ key }) => key)).toEqual(['host{host="a"}', 'host{host="a"}'])
  })

  it('passes on what it cannot read, and what the pipeline does not take', async () => {
    const { broker, source } = await setUp({
      select: { rules: [{ match: { name: 'mem' }, drop: false }], dropLabels: [] },
    })
    broker.append(FROM, new TextEncoder().encode('{'), 1)
    broker.append(FROM, null, 1)
    broker.append(FROM, cpu({ host: 'a' }), 1)
    await source.assign(FROM)
    await source.poll(FROM, 10)
    expect(broker.visible.map(({ key }) => key)).toEqual([null, null, 'cpu{host="a"}'])
  })

  it('writes nothing twice when the answer of a commit is lost', async () => {
    const { broker, source } = await setUp()
    for (let i = 0; i < 10; i++) broker.append(FROM, cpu({ host: `${i}` }), i)
    await source.assign(FROM)
    const faults = ['after', 'before', 'none'] as const
    let next = 0
    broker.commitFault = () => faults[next++ % faults.length] ?? 'none'
    while (await source.poll(FROM, 3));
    expect(broker.visible.map(({ timestampMs }) => timestampMs)).toEqual(Array.from({ length: 10 }, (_, i) => i))
  })

  it('writes a backlog in the order of time, over partitions that are handed over one after the other', async () => {
    const { broker, source } = await setUp()
    const other = { ...FROM, partition: 2 }
    for (let i = 0; i < 20; i++) broker.append(i % 2 === 0 ? FROM : other, cpu({ host: `${i}` }), i)
    await source.assign(FROM)
    await source.assign(other)
    // Who has nothing more leaves: the last record of the other one need not wait for it.
    await Promise.all([source.poll(FROM, 10).then(() => source.revoke(FROM)), source.poll(other, 10)])
    const times = broker.visible.map(({ timestampMs }) => timestampMs)
    expect(times).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })
})
