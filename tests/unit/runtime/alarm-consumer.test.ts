import { describe, expect, it } from 'vitest'
import { AlarmConsumer } from '../../../src/runtime/alarm-consumer.ts'
import { silentLogger } from '../../../src/runtime/logger.ts'
import { NotificationDispatcher } from '../../../src/runtime/notification-dispatcher.ts'
import type { DeliveryOutcome } from '../../../src/runtime/notifier.ts'
import { silentTelemetry } from '../../../src/runtime/telemetry.ts'
import { firingEvent } from '../../support/alarm-events.ts'
import { FakeBroker, FakeSource } from '../../support/fake-broker.ts'

const ALARMS = { topic: 'alarms', partition: 0 }

/** A consumer of the alarms topic whose one channel answers when the test lets it. */
function setUp(broker: FakeBroker, pipeline: string) {
  const delivered: string[] = []
  const waiting: ((outcome: DeliveryOutcome) => void)[] = []
  let commitNow = () => {}
  const clock = { nowMs: () => 0 }
  const source = new FakeSource(broker)
  const dispatcher = new NotificationDispatcher({
    channels: new Map([
      [
        'ops',
        {
          deliver: (event, signal) => {
            delivered.push(event.id)
            return new Promise<DeliveryOutcome>((resolve) => {
              waiting.push(resolve)
              signal.addEventListener('abort', () => resolve({ kind: 'retry', reason: 'timeout', detail: 'aborted' }))
            })
          },
        },
      ],
    ]),
    maxAgeMs: Number.POSITIVE_INFINITY,
    random: () => 0,
    clock,
    logger: silentLogger,
    telemetry: silentTelemetry,
    log: undefined,
    deadLetter: async () => {},
  })
  const consumer = new AlarmConsumer(
    { pipeline, group: 'g', topic: 'alarms', commitIntervalMs: 1, drainMs: 10 },
    {
      source,
      sinks: broker,
      dispatcher,
      clock,
      logger: silentLogger,
      sleep: async () => {},
      every: (_, task) => {
        commitNow = task
        return () => {}
      },
    },
  )
  const settle = async () => {
    commitNow()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return { consumer, source, delivered, answer: () => waiting.shift()?.({ kind: 'delivered', detail: '' }), settle }
}

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const event = (id: string, more: object = {}) => {
  const made = firingEvent()
  return bytes({ ...made, id, actions: ['ops'], series: { ...made.series, key: id }, ...more })
}

describe('AlarmConsumer', () => {
  it('commits an event when it and all before it are delivered', async () => {
    const broker = new FakeBroker()
    for (const id of ['a', 'b']) broker.append(ALARMS, event(id), 0)
    const { consumer, source, delivered, answer, settle } = setUp(broker, firingEvent().pipeline)
    await consumer.start()
    await source.assign(ALARMS)
    await source.poll(ALARMS, 10)
    await settle()
    expect(delivered.sort()).toEqual(['a', 'b'])
    expect(broker.offsets.get('alarms-0')).toBeUndefined()
    answer()
    await settle()
    answer()
    await settle()
    await settle()
    expect(broker.offsets.get('alarms-0')).toBe(2n)
  })

  it('passes over rubbish and events of other pipelines', async () => {
    const broker = new FakeBroker()
    broker.append(ALARMS, bytes({ no: 'event' }), 0)
    broker.append(ALARMS, null, 0)
    broker.append(ALARMS, event('other', { pipeline: 'another' }), 0)
    const { consumer, source, delivered, settle } = setUp(broker, firingEvent().pipeline)
    await consumer.start()
    await source.assign(ALARMS)
    await source.poll(ALARMS, 10)
    await settle()
    await settle()
    expect(delivered).toEqual([])
    expect(broker.offsets.get('alarms-0')).toBe(3n)
  })

  it('delivers again after a stop what was not delivered before it', async () => {
    const broker = new FakeBroker()
    broker.append(ALARMS, event('a'), 0)
    const first = setUp(broker, firingEvent().pipeline)
    await first.consumer.start()
    await first.source.assign(ALARMS)
    await first.source.poll(ALARMS, 10)
    await first.consumer.stop()
    expect(broker.offsets.get('alarms-0')).toBeUndefined()
    const second = setUp(broker, firingEvent().pipeline)
    await second.consumer.start()
    await second.source.assign(ALARMS)
    await second.source.poll(ALARMS, 10)
    expect(second.delivered).toEqual(['a'])
  })
})
