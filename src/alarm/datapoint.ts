import type { ScoredInput, ScoredPoint } from '../band/scored-point.ts'
import { compare } from './compare.ts'
import type { AlarmOptions } from './options.ts'
import { crossingProbability, isForecastDue, type OutlookOf } from './outlook.ts'

/**
 * What one period is to an alarm, as the number that is kept in its ring.
 * `unjudged` is a period that was measured but that the detector cannot judge yet, and also one before the series
 * began: it is not a real datapoint, and no missing-data policy fills it in. A series' first minutes are no outage.
 */
export const DATAPOINT = { unjudged: 0, ok: 1, breaching: 2, missing: 3 } as const
export type DatapointKind = (typeof DATAPOINT)[keyof typeof DATAPOINT]

/** What an alarm keeps of one period. `lower` and `upper` are NaN except on `band`. */
export interface Datapoint {
  readonly kind: DatapointKind
  /** What was compared; NaN when missing. */
  readonly value: number
  readonly lower: number
  readonly upper: number
}

/** The input that an alarm looks at; its first when it names none, undefined when it names one that is not there. */
export function alarmInput(point: ScoredPoint, options: AlarmOptions): ScoredInput | undefined {
  if (options.input === undefined) return point.inputs[0]
  return point.inputs.find((input) => input.name === options.input)
}

/**
 * What a scored point is to an alarm. Imputed values are missing: a filled-in value keeps a model's shingles whole,
 * but nobody measured it, so it neither raises an alarm nor ends one.
 */
export function toDatapoint(
  point: ScoredPoint,
  options: AlarmOptions,
  before = NOTHING_BEFORE,
  outlookOf: OutlookOf = () => undefined,
): Datapoint {
  if (options.on === 'forecast') return forecastDatapoint(point, options, before, outlookOf)
  return options.on === 'grade' ? gradeDatapoint(point, options, before) : inputDatapoint(point, options)
}

/** What is needed of the datapoint before. */
type Before = Pick<Datapoint, 'kind' | 'value'>

const NOTHING_BEFORE: Before = { kind: DATAPOINT.unjudged, value: Number.NaN }

/**
 * A point that is as unusual as the one before it, but that was not graded again because the detector had told of it
 * already. To an alarm the anomaly goes on: what was breaching stays so, until a point is normal.
 */
const GOES_ON: ReadonlySet<ScoredPoint['reason']> = new Set([
  'suppressed_rest',
  'suppressed_alert_once',
  'suppressed_in_shingle',
])

function gradeDatapoint(point: ScoredPoint, options: AlarmOptions, before: Before): Datapoint {
  const band = { lower: Number.NaN, upper: Number.NaN }
  if (point.reason === 'missing' || !point.inputs.some((input) => input.observed)) {
    return { kind: DATAPOINT.missing, value: Number.NaN, ...band }
  }
  if (point.reason === 'learning' || point.confidence < options.minConfidence) {
    return { kind: DATAPOINT.unjudged, value: point.grade, ...band }
  }
  if (GOES_ON.has(point.reason) && before.kind === DATAPOINT.breaching) return { ...before, ...band }
  const breaching = point.grade > 0 && compare(point.grade, options.operator, options.threshold, options.threshold)
  return { kind: breaching ? DATAPOINT.breaching : DATAPOINT.ok, value: point.grade, ...band }
}

/**
 * The probability of a crossing, asked for when it is due or when none is known; in between, the last one holds. Nobody
 * forecasts from a value that was not measured: such a period is missing, as it is to any alarm.
 */
function forecastDatapoint(point: ScoredPoint, options: AlarmOptions, before: Before, outlookOf: OutlookOf): Datapoint {
  const band = { lower: Number.NaN, upper: Number.NaN }
  const input = alarmInput(point, options)
  if (input === undefined || !input.observed || Number.isNaN(input.value)) {
    return { kind: DATAPOINT.missing, value: Number.NaN, ...band }
  }
  const known = before.kind === DATAPOINT.ok || before.kind === DATAPOINT.breaching
  if (known && !isForecastDue(point.timestampMs, options)) return { ...before, ...band }
  const outlook = outlookOf(options.input)
  if (outlook === undefined) return { kind: DATAPOINT.unjudged, value: Number.NaN, ...band }
  const value = crossingProbability(outlook, options)
  return { kind: value >= options.probability ? DATAPOINT.breaching : DATAPOINT.ok, value, ...band }
}

function inputDatapoint(point: ScoredPoint, options: AlarmOptions): Datapoint {
  const input = alarmInput(point, options)
  if (input === undefined || !input.observed || Number.isNaN(input.value)) {
    return { kind: DATAPOINT.missing, value: Number.NaN, lower: Number.NaN, upper: Number.NaN }
  }
  const onBand = options.on === 'band'
  const lower = onBand ? input.lower : options.threshold
  const upper = onBand ? input.upper : options.threshold
  const value = input.value
  if (Number.isNaN(lower) || Number.isNaN(upper)) return { kind: DATAPOINT.unjudged, value, lower, upper }
  const kind = compare(value, options.operator, lower, upper) ? DATAPOINT.breaching : DATAPOINT.ok
  return { kind, value, lower, upper }
}
