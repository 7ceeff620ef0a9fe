import { ALARM_EVENT_TYPES, ALARM_EVENT_VERSION, HELD_BY } from './alarm-event.ts'
import { ALARM_SOURCES, BAND_OPERATORS, MISSING_DATA_POLICIES, SEVERITIES, STATIC_OPERATORS } from './options.ts'
import { ALARM_REASONS, ALARM_STATES } from './state.ts'

type Schema = Readonly<Record<string, unknown>>

const text: Schema = { type: 'string' }
const number: Schema = { type: 'number' }
const time: Schema = { type: 'string', format: 'date-time', description: 'Event time, ISO 8601, UTC.' }
const orNull = (type: string): Schema => ({ type: [type, 'null'] })
const oneOf = (values: readonly string[]): Schema => ({ type: 'string', enum: values })
const list = (items: Schema): Schema => ({ type: 'array', items })

/** All fields are required, unless named as optional. More may be added under the same version. */
function object(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required }
}

const metricReason = object(
  {
    version: { const: '1.0' },
    queryDate: time,
    startDate: time,
    period: { type: 'number', description: 'Seconds.' },
    recentDatapoints: list(number),
    recentLowerThresholds: list(number),
    recentUpperThresholds: list(number),
    threshold: number,
    probability: { type: 'number', description: 'On forecast: how probable a crossing must be.' },
    within: { type: 'number', description: 'On forecast: seconds ahead.' },
    missingDatapointsFilled: { type: 'integer' },
    evaluatedDatapoints: list(
      object({
        timestamp: time,
        value: orNull('number'),
        kind: oneOf(['ok', 'breaching', 'missing', 'unjudged']),
      }),
    ),
  },
  ['recentLowerThresholds', 'recentUpperThresholds', 'threshold', 'probability', 'within'],
)

const compositeReason = object({
  version: { const: '1.0' },
  queryDate: time,
  triggeringAlarms: list(object({ name: text, state: oneOf(ALARM_STATES) })),
})

const metricConfiguration = object({
  kind: { const: 'metric' },
  description: text,
  on: oneOf(ALARM_SOURCES),
  comparisonOperator: oneOf([...BAND_OPERATORS, ...STATIC_OPERATORS]),
  threshold: orNull('number'),
  input: orNull('string'),
  period: { type: 'number', description: 'Seconds.' },
  evaluationPeriods: { type: 'integer', minimum: 1 },
  datapointsToAlarm: { type: 'integer', minimum: 1 },
  treatMissingData: oneOf(MISSING_DATA_POLICIES),
  minConfidence: number,
  actionsEnabled: { type: 'boolean' },
})

const compositeConfiguration = object({
  kind: { const: 'composite' },
  description: text,
  alarmRule: text,
  actionsSuppressor: orNull('string'),
  actionsSuppressorWaitPeriod: { type: 'number', description: 'Seconds.' },
  actionsSuppressorExtensionPeriod: { type: 'number', description: 'Seconds.' },
  actionsEnabled: { type: 'boolean' },
})

const state = { value: oneOf(ALARM_STATES), reason: text, reasonCode: oneOf(ALARM_REASONS), timestamp: time }

const evidence = object({
  timestamp: time,
  input: text,
  value: orNull('number'),
  expected: orNull('number'),
  lower: orNull('number'),
  upper: orNull('number'),
  score: orNull('number'),
  grade: orNull('number'),
  confidence: orNull('number'),
  gradeReason: text,
  trainingState: text,
  model: text,
  attribution: list(
    object({ input: text, lag: { type: 'integer' }, direction: oneOf(['above', 'below']), share: number }),
  ),
})

/** JSON Schema (draft 7) of a record of the alarms topic; see AlarmEvent for the meaning of its fields. */
export const ALARM_EVENT_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Tidegauge alarm event',
  ...object({
    schemaVersion: { const: ALARM_EVENT_VERSION },
    id: { type: 'string', format: 'uuid' },
    type: oneOf(ALARM_EVENT_TYPES),
    pipeline: text,
    alarm: text,
    series: object({ name: text, labels: { type: 'object', additionalProperties: text }, key: text }),
    severity: oneOf(SEVERITIES),
    state: object({ ...state, reasonData: { anyOf: [metricReason, compositeReason] } }),
    previousState: object(state),
    configuration: { anyOf: [metricConfiguration, compositeConfiguration] },
    actions: list(text),
    actionsHeld: { anyOf: [object({ by: oneOf(HELD_BY), reason: text }), { type: 'null' }] },
    evidence: { anyOf: [evidence, { type: 'null' }] },
  }),
}
