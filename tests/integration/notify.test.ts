import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { WebhookFormat } from '../../src/adapters/notify/formats.ts'
import { rendererOf } from '../../src/adapters/notify/formats.ts'
import { WebhookNotifier, type WebhookOptions } from '../../src/adapters/notify/webhook.ts'
import type { AlarmEvent } from '../../src/alarm/alarm-event.ts'
import { NotificationDispatcher } from '../../src/runtime/notification-dispatcher.ts'
import type { DeadNotification } from '../../src/runtime/notifier.ts'
import { RETRY_DEFAULTS } from '../../src/runtime/retry.ts'
import { alarmEvents, firingEvent, resolvedEvent } from '../support/alarm-events.ts'
import { Alertmanager } from '../support/alertmanager.ts'
import { RecordingLogger } from '../support/recording-logger.ts'
import { RecordingTelemetry } from '../support/recording-telemetry.ts'
import { type Answer, WebhookReceiver } from '../support/webhook-receiver.ts'

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`
const SECRET = newSecret()
const CLOCK = { nowMs: () => Date.now() }

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function receiverThat(answer: (number: number) => Answer): Promise<WebhookReceiver> {
  const receiver = await WebhookReceiver.start(SECRET, answer)
  cleanUps.push(() => receiver.stop())
  return receiver
}

function notifierTo(url: string, format: WebhookFormat = { format: 'standard' }, more: Partial<WebhookOptions> = {}) {
  const notifier = new WebhookNotifier({
    name: 'one',
    url,
    render: rendererOf(format),
    secrets: [SECRET],
    allowPrivate: true,
    clock: CLOCK,
    ...more,
  })
  cleanUps.push(() => notifier.close())
  return notifier
}

/** A dispatcher with one channel and quick retries; gives what became of the event. */
function dispatcherTo(notifier: WebhookNotifier) {
  const dead: DeadNotification[] = []
  const logger = new RecordingLogger()
  const dispatcher = new NotificationDispatcher({
    channels: new Map([['one', notifier]]),
    maxAgeMs: Number.POSITIVE_INFINITY,
    retry: { ...RETRY_DEFAULTS, attempts: 4, baseMs: 20 },
    random: Math.random,
    clock: CLOCK,
    logger,
    telemetry: new RecordingTelemetry(),
    deadLetter: async (letter) => {
      dead.push(letter)
    },
  })
  const send = async (event: AlarmEvent) => (await (await dispatcher.submit(event)).settled).channels[0]?.settlement
  return { send, dead, logger }
}

const OK: Answer = { status: 204 }
const deliver = (notifier: WebhookNotifier, event = firingEvent()) =>
  notifier.deliver(event, new AbortController().signal)

describe('a webhook, over a real socket', () => {
  it('fails twice, then arrives: signed, verified by the receiver, under one id', async () => {
    const receiver = await receiverThat((number) => (number < 3 ? { status: 500 } : OK))
    const { send, dead } = dispatcherTo(notifierTo(receiver.url))
    const event = firingEvent()
    expect(await send(event)).toBe('delivered')
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([event.id, event.id, event.id])
    for (const { verified } of receiver.received) {
      expect(verified).toEqual({ type: 'alarm.state_change', timestamp: event.state.timestamp, data: event })
    }
    expect(dead).toEqual([])
  })

  it('is signed by every secret while they are rotated', async () => {
    const receiver = await receiverThat(() => OK)
    const outcome = await deliver(notifierTo(receiver.url, undefined, { secrets: [newSecret(), SECRET] }))
    expect(outcome.kind).toBe('delivered')
    expect(String(receiver.received[0]?.headers['webhook-signature']).split(' ')).toHaveLength(2)
    expect(receiver.received[0]?.verified).toBeDefined()
  })

  it('another secret is not verified', async () => {
    const receiver = await receiverThat(() => OK)
    await deliver(notifierTo(receiver.url, undefined, { secrets: [newSecret()] }))
    expect(receiver.received[0]?.verified).toBeUndefined()
  })

  it.each([
    { format: 'standard' },
    { format: 'alertmanager' },
    { format: 'cloudwatch' },
    { format: 'eventbridge' },
    { format: 'cloudevents' },
    { format: 'slack' },
    { format: 'pagerduty', routingKey: 'k'.repeat(32) },
  ] as const)('$format: the body is signed too', async (format) => {
    const receiver = await receiverThat(() => OK)
    expect((await deliver(notifierTo(receiver.url, format))).kind).toBe('delivered')
    expect(receiver.received[0]?.verified).toEqual(JSON.parse(receiver.received[0]?.body ?? ''))
  })

  it('waits as long as the receiver asks', async () => {
    const receiver = await receiverThat((number) =>
      number === 1 ? { status: 429, headers: { 'retry-after': '1' } } : OK,
    )
    const startedMs = Date.now()
    expect(await dispatcherTo(notifierTo(receiver.url)).send(firingEvent())).toBe('delivered')
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(990)
  })

  it('410 ends the channel', async () => {
    const receiver = await receiverThat(() => ({ status: 410 }))
    const { send, dead } = dispatcherTo(notifierTo(receiver.url))
    for (const event of alarmEvents('OXO')) expect(await send(event)).toBe('dead_lettered')
    expect(receiver.received).toHaveLength(1)
    expect(dead.map(({ reason }) => reason)).toEqual(['gone', 'gone', 'gone'])
  })

  it('a redirect is a failure and is not followed', async () => {
    const target = await receiverThat(() => OK)
    const receiver = await receiverThat(() => ({ status: 307, headers: { location: target.url } }))
    const { send, dead } = dispatcherTo(notifierTo(receiver.url))
    expect(await send(firingEvent())).toBe('dead_lettered')
    expect(dead[0]).toMatchObject({ reason: 'redirected', attempts: 1 })
    expect(target.received).toEqual([])
  })

  it('a receiver that never answers is a timeout, and worth another attempt', async () => {
    const receiver = await receiverThat((number) => (number <= 2 ? 'hang' : OK))
    const notifier = notifierTo(receiver.url, undefined, { timeoutMs: 300 })
    expect(await deliver(notifier)).toMatchObject({ kind: 'retry', reason: 'timeout' })
    expect(await dispatcherTo(notifier).send(firingEvent())).toBe('delivered')
    expect(receiver.received).toHaveLength(3)
  })

  it('a receiver that is not there becomes a dead letter that can be sent again', async () => {
    const receiver = await receiverThat(() => OK)
    const { url } = receiver
    await receiver.stop()
    const { send, dead, logger } = dispatcherTo(notifierTo(url))
    const event = firingEvent()
    expect(await send(event)).toBe('dead_lettered')
    expect(dead[0]).toMatchObject({ reason: 'unreachable', detail: 'ECONNREFUSED', attempts: 4, event })
    expect(JSON.stringify(logger.lines)).not.toContain(SECRET)
  })

  it('does not connect to a private address that a name resolves to', async () => {
    const receiver = await receiverThat(() => OK)
    const url = `http://localhost:${receiver.port}/hook`
    const { send, dead } = dispatcherTo(notifierTo(url, undefined, { allowPrivate: false }))
    expect(await send(firingEvent())).toBe('dead_lettered')
    expect(dead[0]).toMatchObject({ reason: 'refused_by_policy', attempts: 1 })
    expect(dead[0]?.detail).toContain('allowPrivate: true')
    expect(receiver.received).toEqual([])
  })
})

describe('a real Alertmanager', () => {
  it('fires on ALARM with labels that are the identity, and resolves on OK', async () => {
    const alertmanager = await Alertmanager.start()
    cleanUps.push(() => alertmanager.stop())
    const notifier = notifierTo(alertmanager.url, { format: 'alertmanager' })
    const firing = firingEvent()
    expect(await deliver(notifier, firing)).toMatchObject({ kind: 'delivered', status: 200 })
    const alerts = await until(
      () => alertmanager.firing(),
      (found) => found.length === 1,
    )
    expect(alerts[0]?.labels).toEqual({
      alertname: 'cpu-high',
      pipeline: 'fleet',
      metric: 'cpu',
      severity: 'critical',
      host: 'a',
    })
    expect(alerts[0]?.status.state).toBe('active')
    expect(alerts[0]?.annotations).toMatchObject({ reason: firing.state.reason, value: '20', grade: '0.8' })
    expect(Date.parse(alerts[0]?.endsAt ?? '')).toBeGreaterThan(Date.now() + 3_600_000)

    expect(await deliver(notifier, resolvedEvent())).toMatchObject({ kind: 'delivered', status: 200 })
    expect(
      await until(
        () => alertmanager.firing(),
        (found) => found.length === 0,
      ),
    ).toEqual([])
  })

  it('refuses what is no alert, and that is not tried again', async () => {
    const alertmanager = await Alertmanager.start()
    cleanUps.push(() => alertmanager.stop())
    const broken = notifierTo(alertmanager.url, undefined, {
      render: () => ({ path: '/api/v2/alerts', contentType: 'application/json', body: '{"not":"a list"}' }),
    })
    expect(await deliver(broken)).toMatchObject({ kind: 'refused', reason: 'client_error' })
  })
})

async function until<T>(look: () => Promise<T>, wanted: (found: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const found = await look()
    if (wanted(found) || tries === 50) return found
    await sleep(100)
  }
}
