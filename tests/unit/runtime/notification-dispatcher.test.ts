import { describe, expect, it } from 'vitest'
import type { AlarmEvent } from '../../../src/alarm/alarm-event.ts'
import { type DispatcherOptions, NotificationDispatcher } from '../../../src/runtime/notification-dispatcher.ts'
import {
  type DeadNotification,
  type DeliveryOutcome,
  MemoryDeliveryLog,
  type Notifier,
} from '../../../src/runtime/notifier.ts'
import { alarmEvents, firingEvent } from '../../support/alarm-events.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { RecordingTelemetry } from '../../support/recording-telemetry.ts'

const DELIVERED: DeliveryOutcome = { kind: 'delivered', detail: 'ok' }
const DOWN: DeliveryOutcome = { kind: 'retry', reason: 'server_error', detail: '500' }

/** A receiver that answers as it is told, and remembers what came. */
class ScriptedNotifier implements Notifier {
  readonly received: string[] = []
  closed = false
  readonly #answer: (
    event: AlarmEvent,
    attempt: number,
    signal: AbortSignal,
  ) => DeliveryOutcome | Promise<DeliveryOutcome>

  constructor(
    answer: (event: AlarmEvent, attempt: number, signal: AbortSignal) => DeliveryOutcome | Promise<DeliveryOutcome>,
  ) {
    this.#answer = answer
  }

  async deliver(event: AlarmEvent, signal: AbortSignal): Promise<DeliveryOutcome> {
    this.received.push(event.id)
    return this.#answer(event, this.received.length, signal)
  }

  async close(): Promise<void> {
    this.closed = true
  }
}

function setUp(channels: Readonly<Record<string, Notifier>>, more: Partial<DispatcherOptions> = {}) {
  const dead: DeadNotification[] = []
  const telemetry = new RecordingTelemetry()
  const logger = new RecordingLogger()
  const slept: number[] = []
  const dispatcher = new NotificationDispatcher({
    channels: new Map(Object.entries(channels)),
    maxAgeMs: Number.POSITIVE_INFINITY,
    retry: { attempts: 3, baseMs: 100, maxMs: 1_000, retryAfterMaxMs: 10_000 },
    random: () => 1,
    sleep: async (durationMs) => {
      slept.push(durationMs)
    },
    clock: { nowMs: () => 0 },
    telemetry,
    logger,
    deadLetter: async (letter) => {
      dead.push(letter)
    },
    ...more,
  })
  const send = async (event: AlarmEvent) => (await dispatcher.submit(event)).settled
  return { dispatcher, send, dead, telemetry, logger, slept }
}

const toBoth = { actions: { alarm: ['one', 'two'] } }

describe('NotificationDispatcher', () => {
  it('tries again until the receiver has it, under the same id', async () => {
    const one = new ScriptedNotifier((_, attempt) => (attempt < 3 ? DOWN : DELIVERED))
    const { send, slept, dead, telemetry } = setUp({ one })
    const event = firingEvent()
    expect(await send(event)).toEqual({
      decision: 'notify',
      channels: [{ channel: 'one', settlement: 'delivered' }],
      acknowledge: true,
    })
    expect(one.received).toEqual([event.id, event.id, event.id])
    expect(slept).toEqual([100, 200])
    expect(dead).toEqual([])
    expect(telemetry.of('notification_attempted').map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual([
      'retried server_error',
      'retried server_error',
      'delivered none',
    ])
  })

  it('writes a dead letter after the last attempt, and only then acknowledges', async () => {
    const { send, dead, telemetry } = setUp({ one: new ScriptedNotifier(() => DOWN) })
    const event = firingEvent()
    const { channels, acknowledge } = await send(event)
    expect(channels).toEqual([{ channel: 'one', settlement: 'dead_lettered' }])
    expect(acknowledge).toBe(true)
    expect(dead).toEqual([{ channel: 'one', event, reason: 'server_error', detail: '500', attempts: 3 }])
    expect(telemetry.of('notification_attempted').at(-1)?.outcome).toBe('dead_lettered')
  })

  it('does not acknowledge what it could neither deliver nor write down', async () => {
    const deadLetter = () => Promise.reject(new Error('the broker is gone'))
    const { send } = setUp({ one: new ScriptedNotifier(() => DOWN) }, { deadLetter })
    expect(await send(firingEvent())).toMatchObject({
      channels: [{ settlement: 'abandoned' }],
      acknowledge: false,
    })
  })

  it('honours what the receiver asks to wait', async () => {
    const busy: DeliveryOutcome = { kind: 'retry', reason: 'rate_limited', detail: '429', retryAfterMs: 7_000 }
    const { send, slept } = setUp({ one: new ScriptedNotifier((_, attempt) => (attempt === 1 ? busy : DELIVERED)) })
    await send(firingEvent())
    expect(slept).toEqual([7_000])
  })

  it('does not try again what was refused', async () => {
    const refused: DeliveryOutcome = { kind: 'refused', reason: 'client_error', detail: '400' }
    const one = new ScriptedNotifier(() => refused)
    const { send, dead } = setUp({ one })
    await send(firingEvent())
    expect(one.received).toHaveLength(1)
    expect(dead[0]).toMatchObject({ reason: 'client_error', attempts: 1 })
  })

  it('disables a channel that is gone: later events are dead letters at once', async () => {
    const gone: DeliveryOutcome = { kind: 'refused', reason: 'gone', detail: '410', disable: true }
    const one = new ScriptedNotifier(() => gone)
    const { send, dead } = setUp({ one })
    for (const event of alarmEvents('OX')) await send(event)
    expect(one.received).toHaveLength(1)
    expect(dead.map(({ reason, attempts }) => [reason, attempts])).toEqual([
      ['gone', 1],
      ['gone', 0],
    ])
  })

  it('a receiver that throws is a refusal, not a crash', async () => {
    const { send, dead } = setUp({
      one: new ScriptedNotifier(() => {
        throw new Error('a bug in a renderer')
      }),
    })
    expect((await send(firingEvent())).acknowledge).toBe(true)
    expect(dead[0]).toMatchObject({ reason: 'invalid', detail: 'a bug in a renderer' })
  })

  it('a channel that does not exist is a dead letter that names those that do', async () => {
    const { send, dead } = setUp({ one: new ScriptedNotifier(() => DELIVERED) })
    await send(firingEvent({ actions: { alarm: ['pager'] } }))
    expect(dead[0]).toMatchObject({ channel: 'pager', reason: 'channel_unknown' })
    expect(dead[0]?.detail).toContain('known: one')
  })

  it('one receiver that hangs keeps no other waiting', async () => {
    let answer: (outcome: DeliveryOutcome) => void = () => {}
    const hanging = new ScriptedNotifier(
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    const two = new ScriptedNotifier(() => DELIVERED)
    const { dispatcher } = setUp({ one: hanging, two })
    const first = await dispatcher.submit(firingEvent(toBoth))
    const second = await dispatcher.submit(firingEvent({ actions: { alarm: ['two'] } }, { host: 'b' }))
    await second.settled
    expect(two.received).toHaveLength(2)
    expect(dispatcher.pending).toBe(1)
    answer(DELIVERED)
    expect((await first.settled).acknowledge).toBe(true)
    expect(dispatcher.pending).toBe(0)
  })

  it('keeps the events of a series in order, also while one is tried again', async () => {
    const seen: string[] = []
    const one = new ScriptedNotifier((event, attempt) => {
      if (attempt === 1) return DOWN
      seen.push(event.state.value)
      return DELIVERED
    })
    const { dispatcher } = setUp({ one })
    const settled = []
    for (const event of alarmEvents('XOXO')) settled.push((await dispatcher.submit(event)).settled)
    await Promise.all(settled)
    expect(seen).toEqual(['ALARM', 'OK', 'ALARM', 'OK'])
  })

  it('makes its caller wait for a busy channel', async () => {
    const release: (() => void)[] = []
    const one = new ScriptedNotifier(() => new Promise((resolve) => release.push(() => resolve(DELIVERED))))
    const { dispatcher } = setUp({ one }, { waitingMax: 1, lanes: 1 })
    await dispatcher.submit(firingEvent())
    let taken = false
    const second = dispatcher.submit(firingEvent({}, { host: 'b' })).then((submitted) => {
      taken = true
      return submitted
    })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(taken).toBe(false)
    release.shift()?.()
    await second
    expect(taken).toBe(true)
  })

  it('does not wait for a failing one: what it has no room for is a dead letter', async () => {
    let wake: () => void = () => {}
    const sleep = () =>
      new Promise<void>((resolve) => {
        wake = resolve
      })
    const one = new ScriptedNotifier((_, attempt) => (attempt === 1 ? DOWN : DELIVERED))
    const { dispatcher, dead, send } = setUp({ one }, { waitingMax: 1, lanes: 1, sleep })
    const first = await dispatcher.submit(firingEvent())
    expect((await send(firingEvent({}, { host: 'b' }))).channels[0]?.settlement).toBe('dead_lettered')
    expect(dead[0]).toMatchObject({ reason: 'queue_full' })
    wake()
    expect((await first.settled).channels[0]?.settlement).toBe('delivered')
  })

  it('sends nothing twice that its log knows, and something twice rather than nothing', async () => {
    const one = new ScriptedNotifier(() => DELIVERED)
    const { send } = setUp({ one }, { log: new MemoryDeliveryLog() })
    expect((await send(firingEvent())).channels[0]?.settlement).toBe('delivered')
    expect((await send(firingEvent())).channels[0]?.settlement).toBe('duplicate')
    expect(one.received).toHaveLength(1)
    const broken = { has: () => Promise.reject(new Error('disk')), add: () => Promise.reject(new Error('disk')) }
    const forgetful = setUp({ one }, { log: broken })
    expect((await forgetful.send(firingEvent())).channels[0]?.settlement).toBe('delivered')
  })

  it('says why nobody was told', async () => {
    const one = new ScriptedNotifier(() => DELIVERED)
    const { send } = setUp({ one })
    expect(await send(firingEvent({ actions: {} }))).toEqual({ decision: 'no_action', channels: [], acknowledge: true })
    expect((await send(firingEvent({ actionsEnabled: false }))).decision).toBe('actionsDisabled')
    expect(one.received).toEqual([])
  })

  it('drains what is queued, and abandons what does not end in time', async () => {
    const quick = new ScriptedNotifier(() => DELIVERED)
    const stuck = new ScriptedNotifier(
      (_event, _attempt, signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(DOWN), { once: true })),
    )
    const sleep = (durationMs: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        setTimeout(resolve, Math.min(durationMs, 20))
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    const { dispatcher } = setUp({ one: stuck, two: quick }, { sleep })
    const { settled } = await dispatcher.submit(firingEvent(toBoth))
    await dispatcher.drain(10)
    expect((await settled).channels).toEqual([
      { channel: 'one', settlement: 'abandoned' },
      { channel: 'two', settlement: 'delivered' },
    ])
    expect((await settled).acknowledge).toBe(false)
    expect([stuck.closed, quick.closed]).toEqual([true, true])
  })
})
