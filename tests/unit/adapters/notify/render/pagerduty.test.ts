import { describe, expect, it } from 'vitest'
import { pagerDutyRenderer } from '../../../../../src/adapters/notify/render/pagerduty.ts'
import type { AlarmEvent } from '../../../../../src/alarm/alarm-event.ts'
import { alarmEvents, firingEvent, resolvedEvent } from '../../../../support/alarm-events.ts'

const KEY = 'k'.repeat(32)
const bodyOf = (event: AlarmEvent) => JSON.parse(pagerDutyRenderer(KEY)(event, 0)?.body ?? '{}')

describe('pagerDutyRenderer', () => {
  it('triggers and resolves the same incident', () => {
    const trigger = bodyOf(firingEvent())
    const resolve = bodyOf(resolvedEvent())
    expect(trigger).toMatchObject({
      routing_key: KEY,
      event_action: 'trigger',
      payload: { severity: 'critical', component: 'cpu', group: 'fleet', class: 'cpu-high', source: 'cpu{host="a"}' },
    })
    expect(resolve).toEqual({ routing_key: KEY, event_action: 'resolve', dedup_key: trigger.dedup_key })
  })

  it('stays inside the limits for a series with long labels, and keeps two of them apart', () => {
    const long = (end: string) => firingEvent({}, { host: 'x'.repeat(1_000) + end })
    const one = bodyOf(long('1'))
    expect(one.dedup_key.length).toBeLessThanOrEqual(255)
    expect(one.payload.summary.length).toBeLessThanOrEqual(1_024)
    expect(bodyOf(long('2')).dedup_key).not.toBe(one.dedup_key)
    expect(bodyOf(long('1')).dedup_key).toBe(one.dedup_key)
  })

  it('has nothing to say of a first OK', () => {
    const [first] = alarmEvents('O')
    if (first !== undefined) expect(pagerDutyRenderer(KEY)(first, 0)).toBeUndefined()
    expect(first).toBeDefined()
  })
})
