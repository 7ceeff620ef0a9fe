import { describe, expect, it } from 'vitest'
import { metricAlarmEvent, parseAlarmEvent } from '../../../src/alarm/alarm-event.ts'
import { MetricAlarm } from '../../../src/alarm/metric-alarm.ts'
import { alarmOptions } from '../../../src/alarm/options.ts'
import { makeSeries } from '../../../src/core/series.ts'
import { PERIOD_MS, scoredPoint } from '../../support/scored-points.ts'

const OPTIONS = alarmOptions({
  name: 'cpu-high',
  description: 'the processor is busy',
  severity: 'critical',
  periodMs: PERIOD_MS,
  actions: { alarm: ['pager'], ok: ['chat'] },
})

function transitionTo(value: number, host = 'a', period = 0) {
  const transition = new MetricAlarm(OPTIONS, makeSeries('cpu', { host })).evaluate(
    scoredPoint(period, { grade: 0.5, score: Number.NaN }, { value }),
  )
  if (transition === undefined) throw new Error('the first point always decides')
  return transition
}

const eventOf = (...args: Parameters<typeof transitionTo>) => metricAlarmEvent('fleet', transitionTo(...args), OPTIONS)

describe('metricAlarmEvent', () => {
  it('is one flat, versioned JSON object', () => {
    const event = JSON.parse(JSON.stringify(eventOf(20)))
    expect(event).toMatchObject({
      schemaVersion: 1,
      type: 'alarm.state_change',
      pipeline: 'fleet',
      alarm: 'cpu-high',
      series: { name: 'cpu', labels: { host: 'a' }, key: 'cpu{host="a"}' },
      severity: 'critical',
      state: { value: 'ALARM', reasonCode: 'threshold_crossed', timestamp: '2026-03-02T10:01:00.000Z' },
      previousState: { value: 'INSUFFICIENT_DATA', reasonCode: 'created', timestamp: '2026-03-02T10:00:00.000Z' },
      configuration: { kind: 'metric', on: 'band', threshold: null, period: 60, evaluationPeriods: 1 },
      actions: ['pager'],
      actionsHeld: null,
      evidence: { input: 'cpu', value: 20, lower: 5, upper: 15, score: null, timestamp: '2026-03-02T10:00:00.000Z' },
    })
  })

  it('sends each state to its own channels', () => {
    expect(eventOf(10).actions).toEqual(['chat'])
  })

  it('holds the actions of an alarm whose actions are disabled', () => {
    const event = metricAlarmEvent('fleet', transitionTo(20), { ...OPTIONS, actionsEnabled: false })
    expect(event.actionsHeld?.by).toBe('actionsDisabled')
  })

  it('has an id that a replay repeats and nothing else has', () => {
    const id = eventOf(20).id
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(eventOf(20).id).toBe(id)
    const others = [eventOf(10), eventOf(20, 'b'), eventOf(20, 'a', 1)]
    const ids = [...others.map((event) => event.id), metricAlarmEvent('other', transitionTo(20), OPTIONS).id, id]
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has 100,000 different ids for 100,000 series', () => {
    const event = eventOf(20)
    const transition = transitionTo(20)
    const ids = new Set<string>([event.id])
    for (let i = 0; i < 100_000; i++) {
      const series = { ...transition.series, key: `cpu{host="${i}"}` }
      ids.add(metricAlarmEvent('fleet', { ...transition, series }, OPTIONS).id)
    }
    expect(ids.size).toBe(100_001)
  })
})

describe('parseAlarmEvent', () => {
  it('reads back what was published', () => {
    const event = eventOf(20)
    const parsed = parseAlarmEvent(JSON.stringify(event))
    expect(parsed).toEqual({ ok: true, value: JSON.parse(JSON.stringify(event)) })
  })

  it.each([
    ['{', /^is not JSON/],
    ['[]', /^schemaVersion is missing/],
    ['null', /^is not a JSON object/],
    [JSON.stringify({ ...eventOf(20), schemaVersion: 2 }), /^schemaVersion is 2/],
    [JSON.stringify({ ...eventOf(20), id: 7 }), /^id is 7/],
    [JSON.stringify({ ...eventOf(20), series: { name: 'cpu' } }), /^series.key is missing/],
    [JSON.stringify({ ...eventOf(20), state: { value: 'FINE' } }), /^state.value is "FINE"/],
    [JSON.stringify({ ...eventOf(20), actions: {} }), /^actions is {}/],
    [JSON.stringify({ ...eventOf(20), actionsHeld: undefined }), /^actionsHeld is missing/],
    [JSON.stringify({ ...eventOf(20), actionsHeld: { by: 'whim' } }), /^actionsHeld is {"by":"whim"}/],
  ])('refuses %.30s', (text, message) => {
    const parsed = parseAlarmEvent(text)
    expect(parsed.ok ? '' : parsed.error).toMatch(message)
  })
})
