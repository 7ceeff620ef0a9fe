import type { Attribution, GradeReason } from '../band/scored-point.ts'
import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { TidegaugeError } from '../core/errors.ts'
import type { Series } from '../core/series.ts'
import type { TrainingState } from '../forecast/forecaster.ts'

/** The three states of an alarm, in CloudWatch's words. */
export const ALARM_STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const
export type AlarmState = (typeof ALARM_STATES)[number]

/**
 * Why an alarm is in its state. Closed: it becomes a metric label.
 *
 * - `created`: never evaluated to anything yet
 * - `threshold_crossed`, `threshold_not_crossed`: decided by measured datapoints alone
 * - `few_datapoints_breaching`: fewer than N were measured, but all of them breach and they reach back M periods
 * - `missing_data_breaching`, `missing_data_not_breaching`: missing datapoints were filled in by the alarm's policy
 * - `no_data`: nothing was measured in the evaluation range
 * - `rule_true`, `rule_false`: a composite alarm's rule
 * - `forecast_crosses`, `forecast_does_not_cross`: the forecast says that the threshold will, or will not, be crossed in
 *   time with the probability asked for
 */
export const ALARM_REASONS = [
  'created',
  'threshold_crossed',
  'threshold_not_crossed',
  'few_datapoints_breaching',
  'missing_data_breaching',
  'missing_data_not_breaching',
  'no_data',
  'rule_true',
  'rule_false',
  'forecast_crosses',
  'forecast_does_not_cross',
] as const
export type AlarmReason = (typeof ALARM_REASONS)[number]

/** One datapoint that an evaluation looked at. */
export interface EvaluatedDatapoint {
  /** Start of its period, ISO 8601. */
  readonly timestamp: string
  /** What was compared: the input's value, the grade, or the probability of a crossing; null when missing. */
  readonly value: number | null
  readonly kind: 'ok' | 'breaching' | 'missing' | 'unjudged'
}

/** The machine-readable reason; the field names that CloudWatch has are CloudWatch's. Lists run from old to new. */
export interface ReasonData {
  readonly version: '1.0'
  /** Event time of the evaluation: the end of the newest period. ISO 8601. */
  readonly queryDate: string
  /** Start of the oldest evaluated period. ISO 8601. */
  readonly startDate: string
  /** Seconds. */
  readonly period: number
  /** Measured values only; the newest 100 at most. */
  readonly recentDatapoints: readonly number[]
  /** The band at those datapoints; only on `band`. */
  readonly recentLowerThresholds?: readonly number[]
  readonly recentUpperThresholds?: readonly number[]
  /** On all but `band`. */
  readonly threshold?: number
  /** Only on `forecast`: how probable a crossing must be, and within how many seconds. */
  readonly probability?: number
  readonly within?: number
  /** How many missing datapoints the policy filled in. */
  readonly missingDatapointsFilled: number
  readonly evaluatedDatapoints: readonly EvaluatedDatapoint[]
}

/** The reason of a composite alarm: the states of the alarms that its rule names. */
export interface CompositeReasonData {
  readonly version: '1.0'
  readonly queryDate: string
  readonly triggeringAlarms: readonly { readonly name: string; readonly state: AlarmState }[]
}

/** A state with the reason it was entered for. */
export interface StateRecord {
  readonly value: AlarmState
  readonly reasonCode: AlarmReason
  /** For people. */
  readonly reason: string
  /** Event time of the transition, ms; of an alarm that was only created: start of the series' first period. */
  readonly timestampMs: number
}

/** What the detector said at the transition. Numbers that do not exist are NaN. */
export interface AlarmEvidence {
  readonly timestampMs: number
  readonly input: string
  readonly value: number
  readonly expected: number
  readonly lower: number
  readonly upper: number
  readonly score: number
  readonly grade: number
  readonly confidence: number
  readonly gradeReason: GradeReason
  readonly trainingState: TrainingState
  readonly model: string
  readonly attribution: readonly Attribution[]
}

/** A change of state of one alarm of one series. */
export interface AlarmTransition {
  readonly alarm: string
  readonly series: Series
  readonly from: StateRecord
  readonly to: StateRecord
  readonly reasonData: ReasonData
  readonly evidence: AlarmEvidence
}

/** An alarm that was never evaluated, of a series that began at the given event time. */
export function createdRecord(timestampMs: number): StateRecord {
  return { value: 'INSUFFICIENT_DATA', reasonCode: 'created', reason: CREATED_REASON, timestampMs }
}

const CREATED_REASON = 'Unchecked: Initial alarm creation'

/** Appends a record to a snapshot. */
export function writeStateRecord(writer: BinaryWriter, record: StateRecord): void {
  writer.u8(ALARM_STATES.indexOf(record.value))
  writer.u8(ALARM_REASONS.indexOf(record.reasonCode))
  writer.text(record.reasonCode === 'created' ? '' : record.reason)
  writer.f64(record.timestampMs)
}

/** Reads what `writeStateRecord` wrote; throws SNAPSHOT_INVALID, naming `where`, on states that are not known. */
export function readStateRecord(reader: BinaryReader, where: string): StateRecord {
  const value = ALARM_STATES[reader.u8()]
  const reasonCode = ALARM_REASONS[reader.u8()]
  const reason = reader.text()
  const timestampMs = reader.f64()
  if (value === undefined || reasonCode === undefined) {
    throw new TidegaugeError('SNAPSHOT_INVALID', 'holds an alarm state that is not known', {
      where,
      hint: 'restore an older snapshot, or delete it to start over',
    })
  }
  return reasonCode === 'created' ? createdRecord(timestampMs) : { value, reasonCode, reason, timestampMs }
}
