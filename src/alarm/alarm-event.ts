import { seedOf } from '../core/hash.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Labels } from '../core/series.ts'
import { type AlarmOptions, SEVERITIES, type Severity } from './options.ts'
import {
  ALARM_STATES,
  type AlarmEvidence,
  type AlarmReason,
  type AlarmState,
  type AlarmTransition,
  type CompositeReasonData,
  type ReasonData,
  type StateRecord,
} from './state.ts'

/** The version of the shape below. A field may be added under the same version; none is removed or changes meaning. */
export const ALARM_EVENT_VERSION = 1

export interface EventState {
  readonly value: AlarmState
  readonly reason: string
  readonly reasonCode: AlarmReason
  /** ISO 8601, event time. */
  readonly timestamp: string
}

/** The configuration of a metric alarm, as receivers see it. */
export interface MetricAlarmConfiguration {
  readonly kind: 'metric'
  readonly description: string
  readonly on: AlarmOptions['on']
  readonly comparisonOperator: AlarmOptions['operator']
  /** null on `band`. */
  readonly threshold: number | null
  readonly input: string | null
  /** Seconds. */
  readonly period: number
  readonly evaluationPeriods: number
  readonly datapointsToAlarm: number
  readonly treatMissingData: AlarmOptions['treatMissingData']
  readonly minConfidence: number
  readonly actionsEnabled: boolean
}

interface CompositeAlarmConfiguration {
  readonly kind: 'composite'
  readonly description: string
  readonly alarmRule: string
  readonly actionsSuppressor: string | null
  /** Seconds. */
  readonly actionsSuppressorWaitPeriod: number
  readonly actionsSuppressorExtensionPeriod: number
  readonly actionsEnabled: boolean
}

/** Why the actions of a transition are not run. Closed. */
export const HELD_BY = ['actionsDisabled', 'WaitPeriod', 'ExtensionPeriod', 'Alarm', 'mute'] as const
type HeldBy = (typeof HELD_BY)[number]

export interface ActionsHeld {
  readonly by: HeldBy
  readonly reason: string
}

/** Evidence in JSON: what does not exist is null, where AlarmEvidence has NaN. */
type EventEvidence = {
  readonly [Field in keyof Omit<AlarmEvidence, 'timestampMs'>]: AlarmEvidence[Field] extends number
    ? number | null
    : AlarmEvidence[Field]
} & { readonly timestamp: string }

/**
 * `alarm.state_change`: the state changed, and its actions run unless `actionsHeld` says otherwise.
 * `alarm.actions_released`: nothing changed now, but what held back the actions of the state has ended; they run.
 */
export const ALARM_EVENT_TYPES = ['alarm.state_change', 'alarm.actions_released'] as const
export type AlarmEventType = (typeof ALARM_EVENT_TYPES)[number]

/** One record of the alarms topic: a change of state of one alarm of one series. JSON; keyed by `series.key`. */
export interface AlarmEvent {
  readonly schemaVersion: typeof ALARM_EVENT_VERSION
  /** A UUID (version 8) made from type, pipeline, alarm, series, state and time: the same in every replay. */
  readonly id: string
  readonly type: AlarmEventType
  readonly pipeline: string
  readonly alarm: string
  readonly series: { readonly name: string; readonly labels: Labels; readonly key: string }
  readonly severity: Severity
  readonly state: EventState & { readonly reasonData: ReasonData | CompositeReasonData }
  readonly previousState: EventState
  readonly configuration: MetricAlarmConfiguration | CompositeAlarmConfiguration
  /** Names of the channels that this state's actions go to. */
  readonly actions: readonly string[]
  /** null when the actions run. */
  readonly actionsHeld: ActionsHeld | null
  /** null for a composite alarm. */
  readonly evidence: EventEvidence | null
}

/** The event of a metric alarm's transition. */
export function metricAlarmEvent(pipeline: string, transition: AlarmTransition, options: AlarmOptions): AlarmEvent {
  const { alarm, series, from, to } = transition
  return {
    schemaVersion: ALARM_EVENT_VERSION,
    id: eventId('alarm.state_change', [pipeline, alarm, series.key, to.value], to.timestampMs),
    type: 'alarm.state_change',
    pipeline,
    alarm,
    series: { name: series.name, labels: series.labels, key: series.key },
    severity: options.severity,
    state: { ...eventState(to), reasonData: transition.reasonData },
    previousState: eventState(from),
    configuration: {
      kind: 'metric',
      description: options.description,
      on: options.on,
      comparisonOperator: options.operator,
      threshold: options.on === 'band' ? null : options.threshold,
      input: options.input ?? null,
      period: options.periodMs / 1000,
      evaluationPeriods: options.evaluationPeriods,
      datapointsToAlarm: options.datapointsToAlarm,
      treatMissingData: options.treatMissingData,
      minConfidence: options.minConfidence,
      actionsEnabled: options.actionsEnabled,
    },
    actions: actionsFor(options.actions, to.value),
    actionsHeld: options.actionsEnabled
      ? null
      : { by: 'actionsDisabled', reason: 'actionsEnabled is false for this alarm' },
    evidence: eventEvidence(transition.evidence),
  }
}

/** The channels that are told of a state. */
export function actionsFor(actions: AlarmOptions['actions'], state: AlarmState): readonly string[] {
  if (state === 'ALARM') return actions.alarm
  return state === 'OK' ? actions.ok : actions.insufficientData
}

export function eventState(record: StateRecord): EventState {
  return {
    value: record.value,
    reason: record.reason,
    reasonCode: record.reasonCode,
    timestamp: new Date(record.timestampMs).toISOString(),
  }
}

/** A UUID whose 122 free bits are four hashes of type, names and time: an alarm has one event of a type at a time. */
export function eventId(type: AlarmEventType, names: readonly string[], timestampMs: number): string {
  const words = ['a', 'b', 'c', 'd'].map((salt) =>
    seedOf(salt, type, ...names, String(timestampMs))
      .toString(16)
      .padStart(8, '0'),
  )
  const hex = words.join('')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}

function eventEvidence(evidence: AlarmEvidence): EventEvidence {
  const { timestampMs, ...rest } = evidence
  const orNull = (value: number) => (Number.isFinite(value) ? value : null)
  return {
    ...rest,
    timestamp: new Date(timestampMs).toISOString(),
    value: orNull(rest.value),
    expected: orNull(rest.expected),
    lower: orNull(rest.lower),
    upper: orNull(rest.upper),
    score: orNull(rest.score),
    grade: orNull(rest.grade),
    confidence: orNull(rest.confidence),
  }
}

const isText = (value: unknown) => typeof value === 'string'
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isTextList = (value: unknown) => Array.isArray(value) && value.every(isText)
const isOneOf = (known: readonly string[]) => (value: unknown) => known.some((one) => one === value)
const isTime = (value: unknown) => typeof value === 'string' && !Number.isNaN(Date.parse(value))

/** What of an event is relied on, by path. */
const SHAPE: readonly (readonly [path: string, is: (value: unknown) => boolean])[] = [
  ['schemaVersion', (value) => value === ALARM_EVENT_VERSION],
  ['id', isText],
  ['type', isOneOf(ALARM_EVENT_TYPES)],
  ['pipeline', isText],
  ['alarm', isText],
  ['severity', isOneOf(SEVERITIES)],
  ['series.name', isText],
  ['series.key', isText],
  ['series.labels', (value) => isObject(value) && Object.values(value).every(isText)],
  ['state.value', isOneOf(ALARM_STATES)],
  ['state.reason', isText],
  ['state.reasonCode', isText],
  ['state.timestamp', isTime],
  ['state.reasonData', isObject],
  ['previousState.value', isOneOf(ALARM_STATES)],
  ['previousState.timestamp', isTime],
  ['configuration.kind', isOneOf(['metric', 'composite'])],
  ['actions', isTextList],
  ['actionsHeld', (value) => value === null || (isObject(value) && isOneOf(HELD_BY)(value['by']))],
  ['evidence', (value) => value === null || isObject(value)],
]

/** Reads a record of the alarms topic; the error names the field that is not what it should be. */
export function parseAlarmEvent(text: string): Result<AlarmEvent, string> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (thrown) {
    return err(`is not JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
  if (!isObject(parsed)) return err('is not a JSON object')
  for (const [path, is] of SHAPE) {
    const value = path.split('.').reduce<unknown>((from, field) => (isObject(from) ? from[field] : undefined), parsed)
    if (!is(value)) return err(`${path} is ${JSON.stringify(value)?.slice(0, 40) ?? 'missing'}`)
  }
  return ok(parsed as unknown as AlarmEvent)
}
