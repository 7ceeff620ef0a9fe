import { describe, expect, it } from 'vitest'
import { ALERTMANAGER_DEFAULTS, alertmanagerRenderer } from '../../../../../src/adapters/notify/render/alertmanager.ts'
import type { AlarmEvent } from '../../../../../src/alarm/alarm-event.ts'
import { alarmEvents, firingEvent, resolvedEvent } from '../../../../support/alarm-events.ts'

const HOUR_MS = 3_600_000

function alertOf(event: AlarmEvent, nowMs: number) {
  const rendered = alertmanagerRenderer()(event, nowMs)
  expect(rendered?.path).toBe('/api/v2/alerts')
  return JSON.parse(rendered?.body ?? '[]')[0]
}

describe('alertmanagerRenderer', () => {
  it('the labels are the same for every event of an alarm and series', () => {
    const [, ...events] = alarmEvents('OXOXO')
    const identities = new Set(events.map((event) => JSON.stringify(alertOf(event, 0).labels)))
    expect(events).toHaveLength(4)
    expect(identities.size).toBe(1)
  })

  it('keeps labels of the series that are called like its own', () => {
    const labels = { host: 'a', severity: 'mine', 'k8s.pod': 'x' }
    expect(alertOf(firingEvent({}, labels), 0).labels).toMatchObject({
      severity: 'critical',
      exported_severity: 'mine',
      k8s_pod: 'x',
    })
  })

  it('fires from the transition until well after now', () => {
    const event = firingEvent()
    const nowMs = Date.parse(event.state.timestamp) + 5 * HOUR_MS
    expect(alertOf(event, nowMs)).toMatchObject({
      startsAt: event.state.timestamp,
      endsAt: new Date(nowMs + ALERTMANAGER_DEFAULTS.firingMs).toISOString(),
    })
  })

  it('has ended by the wall clock, also when event time runs ahead of it', () => {
    const event = resolvedEvent()
    const nowMs = Date.parse(event.state.timestamp) - 10 * HOUR_MS
    const { startsAt, endsAt } = alertOf(event, nowMs)
    expect(Date.parse(endsAt)).toBe(nowMs)
    expect(Date.parse(startsAt)).toBeLessThanOrEqual(nowMs)
  })

  it('says nothing of changes that neither begin nor end an alert', () => {
    const [first] = alarmEvents('O')
    expect(first?.state.value).toBe('OK')
    if (first !== undefined) expect(alertmanagerRenderer()(first, 0)).toBeUndefined()
  })
})
