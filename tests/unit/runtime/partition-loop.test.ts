import { describe, expect, it } from 'vitest'
import { CheckpointStore } from '../../../src/runtime/checkpoint.ts'
import { silentLogger } from '../../../src/runtime/logger.ts'
import type { PipelineObserver } from '../../../src/runtime/observer.ts'
import { PartitionLoop } from '../../../src/runtime/partition-loop.ts'
import { FakeBroker, FakeSource } from '../../support/fake-broker.ts'
import { MemoryStore } from '../../support/memory-store.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../../support/pipeline-options.ts'
import { loopOptions, runnerOn } from '../../support/runner.ts'
import { silentObserver } from '../../support/silent-observer.ts'

const IN = { topic: 'in', partition: 0 }
const T0 = 1_700_000_040_000

/** One process on a broker with `count` minutes of one series, value = minute. */
function setUp(
  options: {
    broker?: FakeBroker
    store?: MemoryStore
    observer?: Partial<PipelineObserver>
    commitRecords?: number
  } = {},
) {
  const broker = options.broker ?? new FakeBroker()
  const store = options.store ?? new MemoryStore()
  const clock = { atMs: 0, nowMs: () => clock.atMs }
  const source = new FakeSource(broker)
  const given = loopOptions({
    pipeline: pipelineOptions({ alarms: [thresholdAlarm('high', 4)] }),
    commitRecords: options.commitRecords ?? 1_000,
  })
  const ports = {
    sinks: broker,
    checkpoints: new CheckpointStore(store),
    clock,
    logger: silentLogger,
    observer: { ...silentObserver, ...options.observer },
    sleep: async () => {},
  }
  const runner = runnerOn(source, (partition) => new PartitionLoop(partition, given, ports))
  return { broker, store, clock, source, runner }
}

function publish(broker: FakeBroker, count: number, from = 0): void {
  for (let i = from; i < from + count; i++) broker.append(IN, jsonSample('m', {}, T0 + i * MINUTE_MS, i), T0)
}

/** Makes the store's first blob wait. */
function hold(store: MemoryStore) {
  const put = store.put.bind(store)
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const begun = new Promise<void>((resolve) => {
    store.put = async (name, bytes) => {
      resolve()
      await released
      await put(name, bytes)
    }
  })
  return { begun, release }
}

const scores = (broker: FakeBroker) => broker.visible.filter(({ topic }) => topic === 'scores').length

describe('PartitionLoop', () => {
  it('commits by time and by number of records, results and offset together', async () => {
    const { broker, clock, source, runner } = setUp({ commitRecords: 50 })
    publish(broker, 120)
    await runner.start()
    await source.assign(IN)
    await source.poll(IN, 40)
    expect(broker.offsets.get('in-0')).toBeUndefined()
    await source.poll(IN, 40)
    expect(broker.offsets.get('in-0')).toBe(80n)
    expect(scores(broker)).toBe(79)
    clock.atMs += 1_000
    await source.poll(IN, 1)
    expect(broker.offsets.get('in-0')).toBe(81n)
  })

  it('commits and checkpoints what is left when it stops, and goes on from there', async () => {
    const first = setUp()
    publish(first.broker, 10)
    await first.runner.start()
    await first.source.assign(IN)
    await first.source.poll(IN, 10)
    await first.runner.stop()
    expect(first.broker.offsets.get('in-0')).toBe(10n)
    publish(first.broker, 5, 10)
    let replayed = 0
    const observer: Partial<PipelineObserver> = {
      replayed: (_, report) => {
        replayed += report.records
      },
    }
    const second = setUp({ broker: first.broker, store: first.store, observer })
    await second.runner.start()
    await second.source.assign(IN)
    await second.source.poll(IN, 100)
    await second.runner.stop()
    expect(replayed).toBe(0)
    expect(scores(first.broker)).toBe(14)
    expect(first.broker.visible.filter(({ topic }) => topic === 'alarms')).toHaveLength(2)
  })

  it('replays quietly when there is no checkpoint: nothing is said twice', async () => {
    const first = setUp()
    publish(first.broker, 20)
    await first.runner.start()
    await first.source.assign(IN)
    await first.source.poll(IN, 20)
    await first.runner.stop()
    const before = first.broker.visible.length
    const refused: string[] = []
    const second = setUp({
      broker: first.broker,
      store: new MemoryStore(),
      observer: { replayed: () => void refused.push('replayed') },
    })
    await second.runner.start()
    await second.source.assign(IN)
    await second.source.poll(IN, 100)
    await second.runner.stop()
    expect(refused.length).toBeGreaterThan(0)
    expect(first.broker.visible.length).toBe(before)
  })

  it('lets nothing become visible after it was fenced', async () => {
    const { broker, source, runner, store } = setUp({ commitRecords: 5 })
    publish(broker, 30)
    await runner.start()
    await source.assign(IN)
    await source.poll(IN, 5)
    const newOwner = setUp({ broker, store })
    await newOwner.runner.start()
    await newOwner.source.assign(IN)
    await expect(source.poll(IN, 10)).rejects.toMatchObject({ code: 'FENCED' })
    expect(scores(broker)).toBe(4)
  })

  it('stops after the slice in hand, and what it left is read again', async () => {
    let stopping: Promise<void> | undefined
    const observer = {
      progressed: () => {
        stopping ??= runner.stop()
      },
    }
    const { broker, source, runner, store } = setUp({ observer })
    publish(broker, 22_000)
    await runner.start()
    await source.assign(IN)
    // The first batch is finished, as is the checkpoint behind it; the next one is not.
    await Promise.all([source.poll(IN, 2_000), source.poll(IN, 20_000)])
    await stopping
    const committed = Number(broker.offsets.get('in-0'))
    expect(committed).toBeGreaterThanOrEqual(2_000)
    expect(committed).toBeLessThan(22_000)
    const next = setUp({ broker, store })
    await next.runner.start()
    await next.source.assign(IN)
    await next.source.poll(IN, 22_000)
    await next.runner.stop()
    expect(scores(broker)).toBe(21_999)
  })

  it('takes records while a stop writes the state, and then writes only what has changed', async () => {
    const written: number[] = []
    const store = new MemoryStore()
    const held = hold(store)
    const checkpointed: PipelineObserver['checkpointed'] = (_, { bytes }) => void written.push(bytes)
    const { broker, source, runner } = setUp({ store, observer: { checkpointed }, commitRecords: 1 })
    for (let i = 0; i < 20; i++) broker.append(IN, jsonSample(`m${i}`, {}, T0, i), T0)
    await runner.start()
    await source.assign(IN)
    await source.poll(IN, 20)
    const stopping = runner.stop()
    await held.begun
    broker.append(IN, jsonSample('m7', {}, T0 + 1_000, 7), T0)
    await source.poll(IN, 1)
    expect(broker.offsets.get('in-0')).toBe(21n)
    held.release()
    await stopping
    expect(written).toHaveLength(2)
    expect(written[1]).toBeLessThan((written[0] ?? 0) / 4)
    let replayed = 0
    const observer = { replayed: () => void replayed++ }
    const next = setUp({ broker, store, observer })
    await next.runner.start()
    await next.source.assign(IN)
    broker.append(IN, jsonSample('m7', {}, T0 + MINUTE_MS, 7), T0)
    await next.source.poll(IN, 10)
    await next.runner.stop()
    expect(replayed).toBe(0)
    expect(broker.offsets.get('in-0')).toBe(22n)
  })

  it('goes on when checkpoints fail, and says so', async () => {
    const failed: string[] = []
    const store = new MemoryStore()
    store.put = async () => {
      throw new Error('no space')
    }
    const { broker, source, runner } = setUp({
      store,
      observer: { checkpointFailed: (_, error) => void failed.push(error.message) },
    })
    publish(broker, 10)
    await runner.start()
    await source.assign(IN)
    await source.poll(IN, 10)
    await runner.stop()
    expect(broker.offsets.get('in-0')).toBe(10n)
    // While records were still taken, and at the end.
    expect(failed).toEqual(['no space', 'no space'])
  })

  it('applies feedback between two commits, with the state written before anything else is', async () => {
    const { broker, source, runner, store } = setUp()
    publish(broker, 10)
    await runner.start()
    await source.assign(IN)
    await source.poll(IN, 10)
    const feedback = { label: 'incident', range: { startMs: T0, endMs: T0 + MINUTE_MS } } as const
    expect(await runner.feedback('m', feedback)).toBe(true)
    expect(broker.offsets.get('in-0')).toBe(10n)
    expect([...store.blobs.keys()].some((name) => name.endsWith('manifest'))).toBe(true)
    expect(await runner.feedback('unknown', feedback)).toBe(false)
  })
})
