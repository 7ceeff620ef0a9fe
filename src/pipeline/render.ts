import type { ScoredInput, ScoredPoint } from '../band/scored-point.ts'
import type { Labels } from '../core/series.ts'
import type { ScoredSeries } from './step-output.ts'

/** Version of the score record's shape; raised when a field changes its meaning or goes. */
export const SCORE_SCHEMA_VERSION = 1

/** One input in a score record; null is a number that is not known. */
export interface InputRecordFields {
  readonly value: number | null
  readonly observed: boolean
  readonly expected: number | null
  readonly lower: number | null
  readonly upper: number | null
}

/** The value of a record on the scores topic (JSON). A single input's fields stand at the top; several under `inputs`. */
export interface ScoreRecord extends Partial<InputRecordFields> {
  readonly schemaVersion: number
  readonly pipeline: string
  /** Canonical series key, also the record's key. */
  readonly series: string
  readonly name: string
  readonly labels: Labels
  /** Start of the period, ms of event time. */
  readonly timestamp: number
  readonly periodMs: number
  readonly inputs?: Readonly<Record<string, InputRecordFields>>
  readonly score: number
  readonly grade: number
  readonly confidence: number
  readonly reason: ScoredPoint['reason']
  readonly state: ScoredPoint['state']
  readonly model: ScoredPoint['model']
  readonly forecastScore?: number
  readonly attribution?: ScoredPoint['attribution']
}

const known = (value: number): number | null => (Number.isFinite(value) ? value : null)

function inputFields(input: ScoredInput): InputRecordFields {
  return {
    value: known(input.value),
    observed: input.observed,
    expected: known(input.expected),
    lower: known(input.lower),
    upper: known(input.upper),
  }
}

export function toScoreRecord(pipeline: string, periodMs: number, scored: ScoredSeries): ScoreRecord {
  const { series, point } = scored
  const [only, ...others] = point.inputs
  return {
    schemaVersion: SCORE_SCHEMA_VERSION,
    pipeline,
    series: series.key,
    name: series.name,
    labels: series.labels,
    timestamp: point.timestampMs,
    periodMs,
    ...(only !== undefined && others.length === 0
      ? inputFields(only)
      : { inputs: Object.fromEntries(point.inputs.map((input) => [input.name, inputFields(input)])) }),
    score: point.score,
    grade: point.grade,
    confidence: point.confidence,
    reason: point.reason,
    state: point.state,
    model: point.model,
    ...(point.forecastScore === undefined ? {} : { forecastScore: point.forecastScore }),
    ...(point.attribution.length > 0 ? { attribution: point.attribution } : {}),
  }
}
