import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AlarmEvent } from '../../../src/alarm/alarm-event.ts'
import { silentLogger } from '../../../src/runtime/logger.ts'
import { NotificationDispatcher } from '../../../src/runtime/notification-dispatcher.ts'
import type { DeliveryOutcome } from '../../../src/runtime/notifier.ts'
import { silentTelemetry } from '../../../src/runtime/telemetry.ts'
import { alarmEvents } from '../../support/alarm-events.ts'

const HOSTS = ['a', 'b', 'c'] as const
/** Four transitions of each of three series. */
const EVENTS = new Map(HOSTS.map((host) => [host, alarmEvents('XOXO', {}, { host })]))

const OUTCOMES: readonly DeliveryOutcome[] = [
  { kind: 'delivered', detail: '' },
  { kind: 'retry', reason: 'server_error', detail: '' },
  { kind: 'refused', reason: 'client_error', detail: '' },
]

describe('laws of the dispatcher', () => {
  it('every event is delivered or written down, once; each series in order; whatever receivers answer and when', async () => {
    const answers = fc.infiniteStream(fc.record({ outcome: fc.constantFrom(...OUTCOMES), ticks: fc.nat(3) }))
    const order = fc.shuffledSubarray(
      HOSTS.flatMap((host) => [host, host, host, host]),
      { minLength: 12 },
    )
    const shape = fc.record({ lanes: fc.integer({ min: 1, max: 3 }), waitingMax: fc.integer({ min: 1, max: 12 }) })
    await fc.assert(
      fc.asyncProperty(answers, order, shape, async (script, hosts, limits) => {
        const ended: { readonly event: AlarmEvent; readonly end: string }[] = []
        const dispatcher = new NotificationDispatcher({
          maxAgeMs: Number.POSITIVE_INFINITY,
          channels: new Map([
            [
              'one',
              {
                deliver: async (event: AlarmEvent) => {
                  const { outcome, ticks } = script.next().value
                  for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
                  if (outcome.kind === 'delivered') ended.push({ event, end: 'delivered' })
                  return outcome
                },
              },
            ],
          ]),
          retry: { attempts: 3, baseMs: 1, maxMs: 1, retryAfterMaxMs: 1 },
          random: () => 0,
          sleep: async () => {},
          clock: { nowMs: () => 0 },
          logger: silentLogger,
          telemetry: silentTelemetry,
          deadLetter: async ({ event, reason }) => {
            ended.push({ event, end: reason })
          },
          ...limits,
        })
        const left = new Map([...EVENTS].map(([host, events]) => [host, [...events]]))
        const settled = []
        for (const host of hosts) {
          const event = left.get(host)?.shift()
          if (event !== undefined) settled.push((await dispatcher.submit(event)).settled)
        }
        const results = await Promise.all(settled)
        expect(results.every(({ acknowledge }) => acknowledge)).toBe(true)
        expect(dispatcher.pending).toBe(0)
        expect(ended.map(({ event }) => event.id).sort()).toEqual(
          [...EVENTS.values()]
            .flat()
            .map(({ id }) => id)
            .sort(),
        )
        for (const [host, events] of EVENTS) {
          // What found no room was never in a lane, and is written down at once.
          const inLane = ended.filter(({ event, end }) => event.series.labels['host'] === host && end !== 'queue_full')
          const expected = events.filter(({ id }) => inLane.some(({ event }) => event.id === id))
          expect(inLane.map(({ event }) => event.id)).toEqual(expected.map(({ id }) => id))
        }
      }),
    )
  })
})
