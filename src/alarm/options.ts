import { formatDuration } from '../core/duration.ts'
import { TidegaugeError } from '../core/errors.ts'
import { LIMITS } from '../core/limits.ts'

/**
 * What an alarm compares: the value with its band, the grade with a threshold, the value with a threshold, or the
 * probability that the value will cross a threshold soon.
 */
export const ALARM_SOURCES = ['band', 'grade', 'threshold', 'forecast'] as const
export type AlarmSource = (typeof ALARM_SOURCES)[number]

/** Comparisons of a value with its band; strict: a value on the edge is inside. */
export const BAND_OPERATORS = [
  'LessThanLowerOrGreaterThanUpperThreshold',
  'LessThanLowerThreshold',
  'GreaterThanUpperThreshold',
] as const
type BandOperator = (typeof BAND_OPERATORS)[number]

/** Comparisons with one number. */
export const STATIC_OPERATORS = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
] as const
type StaticOperator = (typeof STATIC_OPERATORS)[number]

export type AlarmOperator = BandOperator | StaticOperator

/** What a missing datapoint counts as when older measured ones cannot take its place. */
export const MISSING_DATA_POLICIES = ['breaching', 'notBreaching', 'ignore', 'missing'] as const
type MissingDataPolicy = (typeof MISSING_DATA_POLICIES)[number]

export const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Names of the channels that are told when the alarm enters each state. */
export interface AlarmActions {
  readonly alarm: readonly string[]
  readonly ok: readonly string[]
  readonly insufficientData: readonly string[]
}

/** A metric alarm, complete. One is kept for each series. */
export interface AlarmOptions {
  /** Unique in its pipeline. */
  readonly name: string
  readonly description: string
  readonly severity: Severity
  readonly on: AlarmSource
  readonly operator: AlarmOperator
  /** Not used on `band` (0). On `grade` in 0..1: a grade of 0 never breaches, whatever the threshold. */
  readonly threshold: number
  /** Which input of an entity; undefined is its first. */
  readonly input: string | undefined
  /** N: how many of the newest datapoints are looked at. */
  readonly evaluationPeriods: number
  /** M: how many of them must breach. */
  readonly datapointsToAlarm: number
  readonly treatMissingData: MissingDataPolicy
  /** On `grade`: below this confidence a point is not judged. 0..1. */
  readonly minConfidence: number
  /** On `forecast`: how far ahead the value may cross the threshold, ms. 0 otherwise. */
  readonly within: number
  /** On `forecast`: how probable the crossing must be, 0..1, both ends left out. */
  readonly probability: number
  /** On `forecast`: how often, in event time, ms, the forecast is asked; the last answer holds in between. */
  readonly every: number
  readonly actions: AlarmActions
  /** False: states change, nobody is told. */
  readonly actionsEnabled: boolean
  /** The pipeline's period. */
  readonly periodMs: number
}

/** What an alarm is when its author does not say otherwise. `datapointsToAlarm` defaults to `evaluationPeriods`. */
export const ALARM_DEFAULTS = {
  description: '',
  severity: 'warning',
  on: 'band',
  operator: {
    band: 'LessThanLowerOrGreaterThanUpperThreshold',
    grade: 'GreaterThanThreshold',
    threshold: 'GreaterThanThreshold',
    forecast: 'GreaterThanThreshold',
  },
  /** On `grade` only: with 0, every grade above 0 breaches. Other thresholds have no default. */
  gradeThreshold: 0,
  evaluationPeriods: 1,
  treatMissingData: 'missing',
  minConfidence: 0,
  /** On `forecast`: more likely than not. */
  probability: 0.5,
  /** On `forecast`: 15 minutes, and at least a period. */
  every: 900_000,
  actionsEnabled: true,
} as const

/** An alarm as its author writes it. */
export type AlarmInput = { readonly name: string; readonly periodMs: number } & {
  readonly [Field in Exclude<keyof AlarmOptions, 'name' | 'periodMs' | 'actions'>]?: AlarmOptions[Field] | undefined
} & { readonly actions?: { readonly [State in keyof AlarmActions]?: readonly string[] | undefined } | undefined }

/** One contradiction in an alarm: the field to change, what is wrong with it, and what to do. */
export interface AlarmProblem {
  readonly field: keyof AlarmOptions
  readonly message: string
  readonly hint: string
}

/** The defaults filled in, nothing checked. */
export function completeAlarm(given: AlarmInput): AlarmOptions {
  const on = given.on ?? ALARM_DEFAULTS.on
  const evaluationPeriods = given.evaluationPeriods ?? ALARM_DEFAULTS.evaluationPeriods
  const noThreshold = on === 'threshold' || on === 'forecast' ? Number.NaN : ALARM_DEFAULTS.gradeThreshold
  return {
    name: given.name,
    description: given.description ?? ALARM_DEFAULTS.description,
    severity: given.severity ?? ALARM_DEFAULTS.severity,
    on,
    operator: given.operator ?? ALARM_DEFAULTS.operator[on],
    threshold: given.threshold ?? noThreshold,
    input: given.input,
    evaluationPeriods,
    datapointsToAlarm: given.datapointsToAlarm ?? evaluationPeriods,
    treatMissingData: given.treatMissingData ?? ALARM_DEFAULTS.treatMissingData,
    minConfidence: given.minConfidence ?? ALARM_DEFAULTS.minConfidence,
    within: given.within ?? 0,
    probability: given.probability ?? ALARM_DEFAULTS.probability,
    every: Math.max(given.every ?? ALARM_DEFAULTS.every, given.periodMs),
    actions: {
      alarm: given.actions?.alarm ?? [],
      ok: given.actions?.ok ?? [],
      insufficientData: given.actions?.insufficientData ?? [],
    },
    actionsEnabled: given.actionsEnabled ?? ALARM_DEFAULTS.actionsEnabled,
    periodMs: given.periodMs,
  }
}

/** The defaults filled in and everything checked; throws CONFIG_INVALID naming `alarms.NAME.FIELD`. */
export function alarmOptions(given: AlarmInput, inputs?: readonly string[]): AlarmOptions {
  const options = completeAlarm(given)
  const [problem] = alarmProblems(options, inputs)
  if (problem === undefined) return options
  throw new TidegaugeError('CONFIG_INVALID', problem.message, {
    where: `alarms.${options.name === '' ? '(unnamed)' : options.name}.${problem.field}`,
    hint: problem.hint,
  })
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** Every contradiction in an alarm. `inputs` are the names of the pipeline's inputs, where they are known. */
export function alarmProblems(options: AlarmOptions, inputs?: readonly string[]): readonly AlarmProblem[] {
  return [
    ...comparisonProblems(options),
    ...windowProblems(options),
    ...forecastProblems(options),
    ...inputProblems(options, inputs),
  ]
}

function comparisonProblems(options: AlarmOptions): AlarmProblem[] {
  const { name, on, operator, threshold, minConfidence } = options
  const problems: AlarmProblem[] = []
  if (name === '' || name.length > 255 || /["\n]/.test(name)) {
    problems.push({
      field: 'name',
      message: 'an alarm needs a name of 1 to 255 characters without quotes or line breaks',
      hint: 'composite rules refer to it as ALARM("name")',
    })
  }
  const allowed: readonly string[] = on === 'band' ? BAND_OPERATORS : STATIC_OPERATORS
  if (!allowed.includes(operator) || (on === 'grade' && operator.startsWith('Less'))) {
    const choice = on === 'grade' ? allowed.filter((one) => !one.startsWith('Less')) : allowed
    problems.push({
      field: 'operator',
      message: `${operator} cannot be used on ${on}`,
      hint: `use ${choice.join(', ')}, or change "on"`,
    })
  }
  if (!Number.isFinite(threshold) || (on === 'grade' && (threshold < 0 || threshold > 1))) {
    problems.push({
      field: 'threshold',
      message: on === 'grade' ? `a grade's threshold is between 0 and 1, not ${threshold}` : 'a threshold is needed',
      hint: on === 'grade' ? '0 alarms on every grade above 0' : 'give a finite number, or alarm on the band',
    })
  }
  if (!(minConfidence >= 0 && minConfidence <= 1)) {
    problems.push({
      field: 'minConfidence',
      message: `a confidence is between 0 and 1, not ${minConfidence}`,
      hint: '0 judges every point that the detector judged',
    })
  }
  return problems
}

function windowProblems(options: AlarmOptions): AlarmProblem[] {
  const { evaluationPeriods: n, datapointsToAlarm: m, periodMs } = options
  const problems: AlarmProblem[] = []
  if (!Number.isInteger(periodMs) || periodMs <= 0) {
    problems.push({ field: 'periodMs', message: `a period of ${periodMs} ms`, hint: 'a whole number above 0' })
  }
  if (!Number.isInteger(n) || n < 1 || n > LIMITS.alarmEvaluationPeriods) {
    problems.push({
      field: 'evaluationPeriods',
      message: `${n} evaluation periods`,
      hint: `a whole number from 1 to ${LIMITS.alarmEvaluationPeriods}`,
    })
  } else if (periodMs * n > (periodMs >= HOUR_MS ? 7 * DAY_MS : DAY_MS)) {
    problems.push({
      field: 'evaluationPeriods',
      message: `${n} periods of ${formatDuration(periodMs)} look back on ${formatDuration(periodMs * n)}`,
      hint: 'at most one day, or seven days when the period is one hour or more',
    })
  }
  if (!Number.isInteger(m) || m < 1 || m > n) {
    problems.push({
      field: 'datapointsToAlarm',
      message: `${m} datapoints to alarm out of ${n} evaluation periods can never be reached`,
      hint: `a whole number from 1 to evaluationPeriods (${n})`,
    })
  }
  return problems
}

/** Periods ahead that an alarm may look: paths are drawn in the stream, and far ones say little. */
const FORECAST_STEPS_MAX = 1_000

function forecastProblems({ on, within, probability, periodMs }: AlarmOptions): AlarmProblem[] {
  if (on !== 'forecast') return []
  const problems: AlarmProblem[] = []
  if (!(within >= periodMs && within <= FORECAST_STEPS_MAX * periodMs)) {
    problems.push({
      field: 'within',
      message: within === 0 ? 'how far ahead to look is not said' : `looks ${formatDuration(within)} ahead`,
      hint: `from one period (${formatDuration(periodMs)}) to ${FORECAST_STEPS_MAX} periods`,
    })
  }
  if (!(probability > 0 && probability < 1)) {
    problems.push({
      field: 'probability',
      message: `a probability of ${probability} decides nothing`,
      hint: 'above 0 and below 1; 0.5 is more likely than not',
    })
  }
  return problems
}

function inputProblems(options: AlarmOptions, inputs: readonly string[] | undefined): AlarmProblem[] {
  if (inputs === undefined) return []
  const known = inputs.join(', ')
  if (options.input !== undefined && !inputs.includes(options.input)) {
    return [{ field: 'input', message: `there is no input ${options.input}`, hint: `the inputs are ${known}` }]
  }
  if (options.input === undefined && inputs.length > 1 && options.on !== 'grade') {
    return [{ field: 'input', message: 'which input is compared is not said', hint: `one of ${known}` }]
  }
  return []
}
