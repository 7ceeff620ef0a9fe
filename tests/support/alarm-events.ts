import { type AlarmEvent, metricAlarmEvent } from '../../src/alarm/alarm-event.ts'
import { MetricAlarm } from '../../src/alarm/metric-alarm.ts'
import { type AlarmInput, alarmOptions } from '../../src/alarm/options.ts'
import { makeSeries } from '../../src/core/series.ts'
import { PERIOD_MS, pointsOf } from './scored-points.ts'

/** The events of one series, as a real alarm makes them of a pattern of points (O fine, X above the band, - missing). */
export function alarmEvents(pattern: string, given: Partial<AlarmInput> = {}, labels = { host: 'a' }): AlarmEvent[] {
  const options = alarmOptions({
    name: 'cpu-high',
    description: 'the processor is busy',
    severity: 'critical',
    periodMs: PERIOD_MS,
    actions: { alarm: ['one'], ok: ['one'], insufficientData: ['one'] },
    ...given,
  })
  const alarm = new MetricAlarm(options, makeSeries('cpu', labels))
  return pointsOf(pattern).flatMap((point) => {
    const transition = alarm.evaluate(point)
    // As it is after its way through the topic.
    return transition === undefined ? [] : [JSON.parse(JSON.stringify(metricAlarmEvent('fleet', transition, options)))]
  })
}

/** OK to ALARM. */
export function firingEvent(given: Partial<AlarmInput> = {}, labels = { host: 'a' }): AlarmEvent {
  return lastOf(alarmEvents('OX', given, labels))
}

/** ALARM back to OK. */
export function resolvedEvent(given: Partial<AlarmInput> = {}): AlarmEvent {
  return lastOf(alarmEvents('OXO', given))
}

function lastOf(events: AlarmEvent[]): AlarmEvent {
  const last = events.at(-1)
  if (last === undefined) throw new Error('the pattern caused no transition')
  return last
}
