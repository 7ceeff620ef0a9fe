import { ALARM_REASONS, ALARM_STATES } from '../../alarm/state.ts'
import { FEEDBACK_LABELS, GRADE_REASONS } from '../../band/scored-point.ts'
import { REJECT_REASONS } from '../../decode/decoder.ts'
import { TRAINING_STATES } from '../../forecast/forecaster.ts'
import { HEALTH_REASONS, PARTITION_STATES, PIPELINE_STATES, SERIES_SORTS } from '../../runtime/views.ts'
import { EXAMPLES } from './examples.ts'
import { HTTP_ERRORS } from './http-error.ts'

/** JSON Schemas of what the API takes and gives: requests are checked against them, answers are written by them. */

const text = { type: 'string' } as const
const count = { type: 'integer', minimum: 0 } as const
const number = { type: 'number' } as const
const numberOrNull = { type: ['number', 'null'] } as const
const milliseconds = { type: 'integer', description: 'Milliseconds since the epoch.' } as const
const labels = { type: 'object', additionalProperties: text } as const
const oneOf = (values: readonly string[]) => ({ type: 'string', enum: [...values] })
const list = (items: object) => ({ type: 'array', items })

/** An object all of whose properties are there, and no others. */
const object = (properties: Readonly<Record<string, object>>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})

const counts = (names: readonly string[]) => object(Object.fromEntries(names.map((name) => [name, count])))
const page = (items: object) => object({ items: list(items), total: count })

/** A schema that shows one value which fits it. */
const shown = <Schema extends object>(schema: Schema, example: unknown) => ({ ...schema, examples: [example] })

export const errorSchema = shown(
  object({
    error: object({ code: oneOf(Object.keys(HTTP_ERRORS)), message: text, field: text, hint: text }, ['field', 'hint']),
  }),
  EXAMPLES.error,
)

const attribution = object(
  {
    input: text,
    lag: { ...count, description: 'How many periods back.' },
    direction: oneOf(['above', 'below']),
    share: { ...number, description: 'Of the whole score.' },
  },
  ['lag', 'direction'],
)

const point = object({
  timestampMs: { ...milliseconds, description: 'Start of the period, event time, milliseconds since the epoch.' },
  score: number,
  grade: number,
  confidence: number,
  reason: oneOf(GRADE_REASONS),
  inputs: list(
    object({
      value: numberOrNull,
      observed: { type: 'boolean' },
      expected: numberOrNull,
      lower: numberOrNull,
      upper: numberOrNull,
    }),
  ),
  attribution: { ...list(attribution), description: 'Of anomalous points: the largest shares of the score.' },
})

const oneSeries = object({
  id: text,
  pipeline: text,
  key: text,
  name: text,
  labels,
  inputs: list(text),
  state: oneOf(TRAINING_STATES),
  latest: point,
  alarms: list(object({ alarm: text, state: oneOf(ALARM_STATES), sinceMs: milliseconds })),
})
export const seriesSchema = shown(oneSeries, EXAMPLES.series)
export const seriesPageSchema = shown(page(oneSeries), EXAMPLES.seriesPage)
const points = object({
  series: text,
  inputs: list(text),
  points: list(point),
  changes: list(
    object({
      alarm: text,
      from: oneOf(ALARM_STATES),
      to: oneOf(ALARM_STATES),
      timestampMs: milliseconds,
      reason: text,
      reasonCode: oneOf(ALARM_REASONS),
    }),
  ),
  keptFromMs: {
    ...numberOrNull,
    description: 'Instant of the oldest point that this process still keeps; what lies before it is in the topics.',
  },
  more: { type: 'boolean', description: 'Whether the limit left out older points of the range.' },
})
export const pointsSchema = shown(points, EXAMPLES.points)

export const rowsSchema = shown(
  list(
    object({
      time: { type: 'string', format: 'date-time', description: 'Start of the period, event time.' },
      timestampMs: milliseconds,
      pipeline: text,
      series: text,
      name: text,
      input: text,
      value: numberOrNull,
      expected: numberOrNull,
      lower: numberOrNull,
      upper: numberOrNull,
      score: number,
      grade: number,
      confidence: number,
      reason: oneOf(GRADE_REASONS),
    }),
  ),
  EXAMPLES.rows,
)

const alarmPage = page(
  object({
    pipeline: text,
    alarm: text,
    seriesId: text,
    seriesKey: text,
    labels,
    state: oneOf(ALARM_STATES),
    sinceMs: milliseconds,
    reason: text,
    reasonCode: oneOf(ALARM_REASONS),
    reasonData: { type: ['object', 'null'], additionalProperties: true },
  }),
)

export const alarmPageSchema = shown(alarmPage, EXAMPLES.alarmPage)

const pipelines = object({
  pipelines: list(
    object({
      name: text,
      state: oneOf(PIPELINE_STATES),
      source: text,
      period: text,
      lag: count,
      series: count,
      training: counts(TRAINING_STATES),
      alarms: counts(ALARM_STATES),
      partitions: list(
        object({
          topic: text,
          partition: count,
          state: oneOf(PARTITION_STATES),
          position: text,
          lag: count,
          watermarkMs: numberOrNull,
          checkpointedAtMs: numberOrNull,
          series: count,
        }),
      ),
      error: { ...object({ code: text, message: text }), type: ['object', 'null'] },
    }),
  ),
})

export const pipelinesSchema = shown(pipelines, EXAMPLES.pipelines)

const healthProblem = object({ reason: oneOf(HEALTH_REASONS), pipeline: { type: ['string', 'null'] }, detail: text })
const health = object(
  {
    status: oneOf(['ok', 'failing']),
    problems: list(healthProblem),
    degraded: { ...list(healthProblem), description: 'What is missing although the rest works.' },
  },
  ['degraded'],
)
export const healthSchema = shown(health, EXAMPLES.health)

const forecasts = object({
  series: text,
  forecasts: list(
    object({
      input: text,
      modelVersion: count,
      startMs: milliseconds,
      periodMs: count,
      mean: list(number),
      quantiles: list(object({ level: number, values: list(number) })),
    }),
  ),
})

export const forecastsSchema = shown(forecasts, EXAMPLES.forecasts)

const samplesAnswer = object({
  samples: { ...count, description: 'Samples that were taken.' },
  rejected: { ...count, description: 'Records, or samples in them, that were not.' },
  rejections: {
    ...list(object({ record: count, reason: oneOf(REJECT_REASONS), detail: text })),
    description: 'The first of them; `record` counts from 0.',
  },
})
export const samplesAnswerSchema = shown(samplesAnswer, EXAMPLES.samples)

const search = { type: 'string', maxLength: 1000, description: 'Words that the series key must contain, case aside.' }
const pipelineName = { type: 'string', maxLength: 255 }
const pageQuery = (limitMax: number) => ({
  offset: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 0 },
  limit: { type: 'integer', minimum: 1, maximum: limitMax, default: 50 },
})
const query = (properties: Readonly<Record<string, object>>) => object(properties, Object.keys(properties))

export const seriesQuerySchema = query({
  pipeline: pipelineName,
  q: search,
  gradeMin: { type: 'number', minimum: 0, maximum: 1, description: 'Only series whose newest grade is at least this.' },
  sort: {
    ...oneOf(SERIES_SORTS),
    default: 'key',
    description: 'By key; or the highest grade (of equal ones what is in alarm), highest score or newest first.',
  },
  ...pageQuery(500),
})

export const alarmQuerySchema = query({
  pipeline: pipelineName,
  alarm: { type: 'string', maxLength: 255 },
  state: oneOf(ALARM_STATES),
  q: search,
  ...pageQuery(500),
})

const instant = { type: 'string', maxLength: 40, description: 'Milliseconds since the epoch, or ISO 8601.' }

export const pointsQuerySchema = query({
  from: { ...instant, description: `Inclusive. ${instant.description}` },
  to: { ...instant, description: `Exclusive. ${instant.description}` },
  limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 1_000 },
})

/** Rows of one answer. */
export const ROWS_MAX = 20_000

export const rowsQuerySchema = query({
  q: search,
  pipeline: pipelineName,
  from: { ...instant, description: `Inclusive. ${instant.description}` },
  to: { ...instant, description: `Exclusive. ${instant.description}` },
  limit: { type: 'integer', minimum: 1, maximum: ROWS_MAX, default: 10_000 },
})

export const idParamsSchema = object({ id: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' } })

export const eventsQuerySchema = query({
  series: {
    type: 'string',
    maxLength: 1_100,
    pattern: '^[A-Za-z0-9_-]{1,64}(,[A-Za-z0-9_-]{1,64}){0,15}$',
    description: 'Ids of series whose points are wanted, up to 16, with commas between them.',
  },
  since: { ...instant, description: `Points after this one only. ${instant.description}` },
})

export const samplesQuerySchema = object({ pipeline: pipelineName })

const feedbackBody = object({
  pipeline: pipelineName,
  series: { type: 'string', minLength: 1, maxLength: 100_000, description: "The series' key or id." },
  from: { ...instant, description: `Inclusive. ${instant.description}` },
  to: { ...instant, description: `Exclusive. ${instant.description}` },
  label: oneOf(FEEDBACK_LABELS),
})
export const feedbackBodySchema = shown(feedbackBody, EXAMPLES.feedbackBody)
export const feedbackAnswerSchema = shown(object({ id: text }), EXAMPLES.feedback)
