import { formatDuration } from '../core/duration.ts'
import { DATAPOINT, type DatapointKind } from './datapoint.ts'
import type { Evaluation } from './evaluate.ts'
import type { AlarmOperator, AlarmOptions, AlarmSource } from './options.ts'
import type { AlarmReason, AlarmState, EvaluatedDatapoint, ReasonData } from './state.ts'

/** What a reason is written from: the evaluated range, oldest first. `lower`/`upper` are NaN except on `band`. */
export interface EvaluatedRange {
  readonly timestampsMs: readonly number[]
  readonly kinds: readonly DatapointKind[]
  readonly values: readonly number[]
  readonly lowers: readonly number[]
  readonly uppers: readonly number[]
}

/** More than this many datapoints are cut from a reason, the oldest first: an event has to stay small. */
const REASON_DATAPOINTS_MAX = 100
/** How many datapoints the text for people lists. */
const LISTED_MAX = 5

const KIND_NAMES: Readonly<Record<DatapointKind, EvaluatedDatapoint['kind']>> = {
  [DATAPOINT.unjudged]: 'unjudged',
  [DATAPOINT.ok]: 'ok',
  [DATAPOINT.breaching]: 'breaching',
  [DATAPOINT.missing]: 'missing',
}

/** The code of an evaluation that changed the state. */
export function reasonCodeOf(evaluation: Evaluation, verdict: AlarmState, on: AlarmSource): AlarmReason {
  if (verdict === 'INSUFFICIENT_DATA') return 'no_data'
  if (evaluation.rule === 'few_breaching') return 'few_datapoints_breaching'
  if (evaluation.filled > 0) {
    return verdict === 'ALARM' ? 'missing_data_breaching' : 'missing_data_not_breaching'
  }
  if (on === 'forecast') return verdict === 'ALARM' ? 'forecast_crosses' : 'forecast_does_not_cross'
  return verdict === 'ALARM' ? 'threshold_crossed' : 'threshold_not_crossed'
}

/** The machine-readable reason. `queryMs` is the event time of the evaluation. */
export function reasonDataOf(
  options: AlarmOptions,
  range: EvaluatedRange,
  evaluation: Evaluation,
  queryMs: number,
): ReasonData {
  const from = Math.max(0, range.kinds.length - REASON_DATAPOINTS_MAX)
  const indexes = range.kinds.map((_, i) => i).slice(from)
  const real = indexes.filter((i) => isReal(range.kinds[i]))
  const onBand = options.on === 'band'
  return {
    version: '1.0',
    queryDate: isoTime(queryMs),
    startDate: isoTime(range.timestampsMs[from] ?? queryMs),
    period: options.periodMs / 1000,
    recentDatapoints: pick(range.values, real),
    ...(onBand
      ? { recentLowerThresholds: pick(range.lowers, real), recentUpperThresholds: pick(range.uppers, real) }
      : { threshold: options.threshold }),
    ...(options.on === 'forecast' ? { probability: options.probability, within: options.within / 1000 } : {}),
    missingDatapointsFilled: evaluation.filled,
    evaluatedDatapoints: indexes.map((i) => ({
      timestamp: isoTime(range.timestampsMs[i] ?? queryMs),
      value: finiteOrNull(range.values[i]),
      kind: KIND_NAMES[range.kinds[i] ?? DATAPOINT.unjudged],
    })),
  }
}

const pick = (values: readonly number[], indexes: readonly number[]) => indexes.map((i) => values[i] ?? Number.NaN)
const isReal = (kind: DatapointKind | undefined) => kind === DATAPOINT.ok || kind === DATAPOINT.breaching
const finiteOrNull = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null)
const isoTime = (ms: number) => new Date(ms).toISOString()

/** The reason for people, in CloudWatch's wording. */
export function reasonText(
  options: AlarmOptions,
  range: EvaluatedRange,
  evaluation: Evaluation,
  change: { readonly from: AlarmState; readonly to: AlarmState },
): string {
  if (change.to === 'INSUFFICIENT_DATA') {
    const n = options.evaluationPeriods
    return `Insufficient Data: ${countOf(n, 'datapoint')} ${n === 1 ? 'was' : 'were'} unknown.`
  }
  const crossed = CROSSED[options.on]
  const filled = filledText(options, evaluation)
  // Alarms keep their reason, and a joined text is one flat string where a template is a tree of its pieces.
  if (evaluation.counted === 0) return [crossed, ': ', filled, '.'].join('')
  const fill = filled === '' ? '' : ` and ${filled}`
  const datapoints = datapointsText(options, range, evaluation, change.to)
  return [crossed, ': ', datapoints, fill, ' (', minimumText(options, change), ').'].join('')
}

/** `2 out of the last 3 datapoints [7.0 (03/10/19 15:58:00), …] were greater than the threshold (5.0)`. */
function datapointsText(options: AlarmOptions, range: EvaluatedRange, evaluation: Evaluation, to: AlarmState): string {
  const wanted = to === 'ALARM' ? DATAPOINT.breaching : DATAPOINT.ok
  const newestFirst = range.kinds.map((_, i) => range.kinds.length - 1 - i).filter((i) => isReal(range.kinds[i]))
  const shown = newestFirst.slice(0, evaluation.counted).filter((i) => range.kinds[i] === wanted)
  const listed = shown.slice(0, LISTED_MAX)
  const list = listed.map((i) => `${number(range.values[i])} (${shortTime(range.timestampsMs[i] ?? 0)})`).join(', ')
  const more = shown.length > listed.length ? ', ...' : ''
  const not = to === 'ALARM' ? '' : 'not '
  const total = countOf(evaluation.counted, 'datapoint')
  const were = shown.length === 1 ? 'was' : 'were'
  return `${shown.length} out of the last ${total} [${list}${more}] ${were} ${not}${comparison(options, range, listed)}`
}

function filledText(options: AlarmOptions, evaluation: Evaluation): string {
  if (evaluation.filled === 0) return ''
  const treated = options.treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching'
  const missing = `${countOf(evaluation.filled, 'missing datapoint')} ${evaluation.filled === 1 ? 'was' : 'were'}`
  const silence =
    evaluation.counted === 0 ? `no datapoints were received for ${countOf(evaluation.filled, 'period')} and ` : ''
  return `${silence}${missing} treated as [${treated}]`
}

/** How many datapoints the transition took: M of N to alarm, and all but M - 1 of N to leave it. */
function minimumText(options: AlarmOptions, change: { readonly from: AlarmState; readonly to: AlarmState }): string {
  const { evaluationPeriods: n, datapointsToAlarm: m } = options
  const minimum = change.to === 'ALARM' ? m : n - m + 1
  return `minimum ${countOf(minimum, 'datapoint')} for ${change.from} -> ${change.to} transition`
}

const CROSSED: Readonly<Record<AlarmSource, string>> = {
  band: 'Thresholds Crossed',
  grade: 'Threshold Crossed',
  threshold: 'Threshold Crossed',
  forecast: 'Threshold Forecast',
}

const WORDS: Readonly<Record<AlarmOperator, string>> = {
  LessThanLowerOrGreaterThanUpperThreshold: 'less than the lower thresholds # or greater than the upper thresholds #',
  LessThanLowerThreshold: 'less than the lower thresholds #',
  GreaterThanUpperThreshold: 'greater than the upper thresholds #',
  GreaterThanOrEqualToThreshold: 'greater than or equal to the threshold',
  GreaterThanThreshold: 'greater than the threshold',
  LessThanThreshold: 'less than the threshold',
  LessThanOrEqualToThreshold: 'less than or equal to the threshold',
}

function comparison(options: AlarmOptions, range: EvaluatedRange, listed: readonly number[]): string {
  const words = WORDS[options.operator]
  if (options.on === 'forecast') {
    const { probability, threshold, within } = options
    const crossing = `being ${words} (${number(threshold)}) within ${formatDuration(within)}`
    return `at or above the probability (${number(probability)}) of ${crossing}`
  }
  if (options.on !== 'band') return `${words} (${number(options.threshold)})`
  const bounds = (values: readonly number[]) => `[${listed.map((i) => number(values[i])).join(', ')}]`
  return words
    .replace('lower thresholds #', `lower thresholds ${bounds(range.lowers)}`)
    .replace('upper thresholds #', `upper thresholds ${bounds(range.uppers)}`)
}

const countOf = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Six significant digits are enough for people; reasonData has them all. Whole numbers read `3.0`. */
function number(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return String(value)
  const short = String(Number(value.toPrecision(6)))
  return /^-?\d+$/.test(short) ? `${short}.0` : short
}

/** `03/10/19 15:58:00`: day, month, year, UTC. */
function shortTime(ms: number): string {
  const iso = isoTime(ms)
  return `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)} ${iso.slice(11, 19)}`
}
