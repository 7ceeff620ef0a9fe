import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import type { AlarmEvent } from '../../../src/alarm/alarm-event.ts'
import { ALARM_EVENT_SCHEMA } from '../../../src/alarm/alarm-event-schema.ts'
import { alarmOptions } from '../../../src/alarm/options.ts'
import { planAlarms, SeriesAlarms } from '../../../src/alarm/series-alarms.ts'
import { makeSeries } from '../../../src/core/series.ts'
import { PERIOD_MS, pointsOf } from '../../support/scored-points.ts'

// Formats need a package of their own; what they say is checked where events are read.
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })

/** Events of every kind: on band, grade and threshold, of composites, held, released, in all three states. */
function everyKindOfEvent(): AlarmEvent[] {
  const metric = (name: string, more: object = {}) => alarmOptions({ name, periodMs: PERIOD_MS, ...more })
  const plan = planAlarms({
    pipeline: 'fleet',
    alarms: [metric('band'), metric('grade', { on: 'grade' }), metric('static', { on: 'threshold', threshold: 15 })],
    composites: [
      {
        name: 'any',
        description: '',
        severity: 'info',
        rule: 'ALARM(band) OR ALARM(grade)',
        actions: { alarm: [], ok: [], insufficientData: [] },
        actionsEnabled: true,
        suppressor: { alarm: 'static', waitMs: PERIOD_MS, extensionMs: PERIOD_MS },
      },
    ],
    mutes: [{ name: 'works', schedule: 'cron(2 10 * * *)', duration: 'PT2M', alarms: ['band'] }],
  })
  const alarms = new SeriesAlarms(plan, makeSeries('cpu', { host: 'a' }))
  return pointsOf('OOXXX----OX').flatMap((point) => alarms.evaluate(point))
}

/** The same schema, closed: a field that it does not name is an error. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]))
  return 'properties' in schema && 'type' in schema ? { ...copy, additionalProperties: false } : copy
}

describe('ALARM_EVENT_SCHEMA', () => {
  const events = everyKindOfEvent()
  const publish = (event: AlarmEvent): unknown => JSON.parse(JSON.stringify(event))

  it('is tried on events of every kind', () => {
    expect(new Set(events.map(({ state }) => state.value)).size).toBe(3)
    expect(new Set(events.map(({ type }) => type)).size).toBe(2)
    expect(new Set(events.map(({ configuration }) => configuration.kind)).size).toBe(2)
    expect(events.some(({ actionsHeld }) => actionsHeld !== null)).toBe(true)
  })

  it('describes every event, and every field of it', () => {
    const validate = ajv.compile(closed(ALARM_EVENT_SCHEMA) as object)
    for (const event of events) {
      validate(publish(event))
      expect(validate.errors ?? []).toEqual([])
    }
  })

  it('refuses an event without a field, and one with a state that does not exist', () => {
    const validate = ajv.compile(ALARM_EVENT_SCHEMA)
    const [event] = events
    if (event === undefined) throw new Error('there are events')
    for (const field of Object.keys(event)) expect(validate({ ...event, [field]: undefined }), field).toBe(false)
    expect(validate({ ...event, state: { ...event.state, value: 'FINE' } })).toBe(false)
    expect(validate({ ...event, further: 'field' })).toBe(true)
  })
})
