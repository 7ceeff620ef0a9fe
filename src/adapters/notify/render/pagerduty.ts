import { createHash } from 'node:crypto'
import type { AlarmEvent } from '../../../alarm/alarm-event.ts'
import { clip, concernsAlert, type Renderer, titleOf } from './renderer.ts'

/** Events API v2: ALARM triggers an incident, and whatever follows it resolves the same one. */
export function pagerDutyRenderer(routingKey: string): Renderer {
  return (event) => {
    if (!concernsAlert(event)) return undefined
    const identity = { routing_key: routingKey, dedup_key: dedupKey(event) }
    const firing = event.state.value === 'ALARM'
    return {
      contentType: 'application/json',
      body: JSON.stringify(
        firing
          ? { ...identity, event_action: 'trigger', payload: payloadOf(event), client: 'tidegauge' }
          : { ...identity, event_action: 'resolve' },
      ),
    }
  }
}

function payloadOf(event: AlarmEvent): object {
  return {
    summary: clip(`${titleOf(event)}: ${event.state.reason}`, 1_024),
    source: clip(event.series.key, 1_024),
    severity: event.severity,
    timestamp: event.state.timestamp,
    component: event.series.name,
    group: event.pipeline,
    class: event.alarm,
    custom_details: {
      reason_code: event.state.reasonCode,
      labels: event.series.labels,
      evidence: event.evidence,
      event_id: event.id,
    },
  }
}

/** The same for every event of one alarm and series; a key has room for 255 characters. */
function dedupKey(event: AlarmEvent): string {
  const key = `tidegauge/${event.pipeline}/${event.alarm}/${event.series.key}`
  return key.length <= 255 ? key : `tidegauge/${createHash('sha256').update(key).digest('hex')}`
}
