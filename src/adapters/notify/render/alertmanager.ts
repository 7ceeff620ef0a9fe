import type { AlarmEvent } from '../../../alarm/alarm-event.ts'
import { concernsAlert, type Renderer, titleOf } from './renderer.ts'

export interface AlertmanagerOptions {
  /**
   * How long an alert fires when nothing more is heard. Alertmanager resolves what is not repeated within its
   * resolve_timeout (5 minutes) unless an end is given; a change of state is told once, so the end is given.
   */
  readonly firingMs: number
  /** Where a person can look; goes into generatorURL. */
  readonly generatorUrl: string | undefined
}

export const ALERTMANAGER_DEFAULTS: AlertmanagerOptions = { firingMs: 86_400_000, generatorUrl: undefined }

const OWN_LABELS = ['alertname', 'pipeline', 'metric', 'severity'] as const

/**
 * One alert for `POST /api/v2/alerts`. The labels are the alert's identity, so only what never changes between two
 * events of the same alarm and series is among them; score, grade and reason are annotations.
 */
export function alertmanagerRenderer(options: AlertmanagerOptions = ALERTMANAGER_DEFAULTS): Renderer {
  return (event, nowMs) => {
    if (!concernsAlert(event)) return undefined
    return {
      path: '/api/v2/alerts',
      contentType: 'application/json',
      body: JSON.stringify([
        {
          labels: labelsOf(event),
          annotations: annotationsOf(event),
          ...timesOf(event, nowMs, options.firingMs),
          ...(options.generatorUrl === undefined ? {} : { generatorURL: options.generatorUrl }),
        },
      ]),
    }
  }
}

/** The labels of the series are kept; one that is called like ours gets the prefix that Prometheus gives it. */
function labelsOf(event: AlarmEvent): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [name, value] of Object.entries(event.series.labels)) {
    const legal = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=[0-9])/, '_')
    labels[OWN_LABELS.some((own) => own === legal) ? `exported_${legal}` : legal] = value
  }
  return {
    ...labels,
    alertname: event.alarm,
    pipeline: event.pipeline,
    metric: event.series.name,
    severity: event.severity,
  }
}

function annotationsOf(event: AlarmEvent): Record<string, string> {
  const { evidence, configuration } = event
  const numbers =
    evidence === null
      ? {}
      : { value: evidence.value, expected: evidence.expected, grade: evidence.grade, score: evidence.score }
  const known = Object.entries(numbers).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]))
  return {
    summary: titleOf(event),
    description: configuration.description,
    reason: event.state.reason,
    reason_code: event.state.reasonCode,
    event_id: event.id,
    ...Object.fromEntries(known),
  }
}

/**
 * Firing: from the transition until `firingMs` from now. Resolved: the end must have passed on Alertmanager's clock,
 * whatever event time says, or the alert would go on firing.
 */
function timesOf(event: AlarmEvent, nowMs: number, firingMs: number): { startsAt: string; endsAt: string } {
  const changedMs = Date.parse(event.state.timestamp)
  if (event.state.value === 'ALARM') {
    return { startsAt: iso(Math.min(changedMs, nowMs)), endsAt: iso(nowMs + firingMs) }
  }
  const endsMs = Math.min(changedMs, nowMs)
  return { startsAt: iso(Math.min(Date.parse(event.previousState.timestamp), endsMs)), endsAt: iso(endsMs) }
}

const iso = (ms: number) => new Date(ms).toISOString()
