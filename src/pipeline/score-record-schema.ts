import { GRADE_REASONS } from '../band/scored-point.ts'
import { TRAINING_STATES } from '../forecast/forecaster.ts'
import { SCORE_SCHEMA_VERSION } from './render.ts'

const number = { type: 'number' } as const
const text = { type: 'string' } as const
const share = { type: 'number', minimum: 0, maximum: 1 } as const
const numberOrNull = { type: ['number', 'null'], description: 'null: not known.' } as const

const inputFields = {
  value: numberOrNull,
  observed: { type: 'boolean', description: 'false: the value was imputed, or there is none.' },
  expected: numberOrNull,
  lower: numberOrNull,
  upper: numberOrNull,
} as const

const inputNames = ['value', 'observed', 'expected', 'lower', 'upper'] as const

/** The records of the scores topic, as JSON Schema (draft 7). Fields may be added under the same version. */
export const SCORE_RECORD_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A score of Tidegauge',
  description: 'One period of one series, or of one entity with several inputs. The key of the record is `series`.',
  type: 'object',
  properties: {
    schemaVersion: { const: SCORE_SCHEMA_VERSION },
    pipeline: text,
    series: { type: 'string', description: 'Canonical key: name{label="value",...}, labels sorted.' },
    name: text,
    labels: { type: 'object', additionalProperties: text },
    timestamp: { type: 'integer', description: 'Start of the period, ms since the epoch, event time.' },
    periodMs: { type: 'integer', minimum: 1 },
    ...inputFields,
    inputs: {
      type: 'object',
      description: 'Of an entity with several inputs, by metric; then value ... upper do not stand at the top.',
      additionalProperties: { type: 'object', properties: inputFields, required: inputNames },
    },
    score: { type: 'number', minimum: 0 },
    grade: share,
    confidence: share,
    reason: { enum: GRADE_REASONS },
    state: { enum: TRAINING_STATES },
    model: { enum: ['seasonal-baseline', 'deepar'] },
    attribution: {
      type: 'array',
      description: 'Only with a grade above 0: shares of the score, which sum to 1.',
      items: {
        type: 'object',
        properties: {
          input: text,
          lag: { type: 'integer', minimum: 0 },
          direction: { enum: ['above', 'below'] },
          share: number,
        },
        required: ['input', 'lag', 'direction', 'share'],
      },
    },
  },
  required: [
    'schemaVersion',
    'pipeline',
    'series',
    'name',
    'labels',
    'timestamp',
    'periodMs',
    'score',
    'grade',
    'confidence',
    'reason',
    'state',
    'model',
  ],
  oneOf: [{ required: inputNames }, { required: ['inputs'] }],
} as const
