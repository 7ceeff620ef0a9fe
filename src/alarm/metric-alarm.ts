import type { ScoredPoint } from '../band/scored-point.ts'
import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { seedOf } from '../core/hash.ts'
import type { Series } from '../core/series.ts'
import { alarmInput, DATAPOINT, toDatapoint } from './datapoint.ts'
import { type Evaluation, evaluate, evaluationRange } from './evaluate.ts'
import type { AlarmOptions } from './options.ts'
import type { OutlookOf } from './outlook.ts'
import { reasonCodeOf, reasonDataOf, reasonText } from './reason.ts'
import { DatapointRing } from './ring.ts'
import {
  type AlarmEvidence,
  type AlarmState,
  type AlarmTransition,
  createdRecord,
  readStateRecord,
  type StateRecord,
  writeStateRecord,
} from './state.ts'

const MISSING = { kind: DATAPOINT.missing, value: Number.NaN, lower: Number.NaN, upper: Number.NaN } as const

/**
 * One alarm of one series: the state machine OK / ALARM / INSUFFICIENT_DATA over scored points, evaluated once a
 * period as CloudWatch does (see evaluate.ts). It starts in INSUFFICIENT_DATA and speaks only when its state changes.
 *
 * Time is event time only, so a replay gives the same transitions with the same timestamps. Memory is one ring of
 * evaluationPeriods + 2 datapoints and the current state with its reason.
 */
export class MetricAlarm {
  readonly options: AlarmOptions
  readonly series: Series
  readonly #ring: DatapointRing
  #record: StateRecord = createdRecord(0)
  /** Start of the newest period seen, ms; NaN before the first. */
  #newestMs = Number.NaN

  /** `options` come from `alarmOptions`, checked. */
  constructor(options: AlarmOptions, series: Series) {
    this.options = options
    this.series = series
    this.#ring = new DatapointRing(evaluationRange(options.evaluationPeriods), options.on === 'band')
  }

  get state(): AlarmState {
    return this.#record.value
  }

  /** The current state with its reason and the event time of the transition into it. */
  get record(): StateRecord {
    return this.#record
  }

  /**
   * Takes the next period's point and gives the transition that it causes, if any. Periods skipped since the last
   * point are missing datapoints; a point at or before the last one was seen already and changes nothing.
   * `outlookOf` is what an alarm on a forecast asks.
   */
  evaluate(point: ScoredPoint, outlookOf?: OutlookOf): AlarmTransition | undefined {
    if (point.timestampMs <= this.#newestMs) return undefined
    if (Number.isNaN(this.#newestMs)) this.#record = createdRecord(point.timestampMs)
    const skipped = Math.round((point.timestampMs - this.#newestMs) / this.options.periodMs) - 1
    for (let i = Math.min(skipped, this.#ring.size); i > 0; i--) this.#ring.push(MISSING)
    this.#ring.push(toDatapoint(point, this.options, this.#ring.newest, outlookOf))
    this.#newestMs = point.timestampMs
    const evaluation = evaluate(this.#ring.kinds(), this.options)
    if (evaluation.verdict === 'keep' || evaluation.verdict === this.#record.value) return undefined
    return this.#enter(evaluation.verdict, evaluation, point)
  }

  #enter(to: AlarmState, evaluation: Evaluation, point: ScoredPoint): AlarmTransition {
    const from = this.#record
    const range = this.#ring.range(point.timestampMs, this.options.periodMs)
    const endMs = point.timestampMs + this.options.periodMs
    this.#record = {
      value: to,
      reasonCode: reasonCodeOf(evaluation, to, this.options.on),
      reason: reasonText(this.options, range, evaluation, { from: from.value, to }),
      timestampMs: endMs,
    }
    return {
      alarm: this.options.name,
      series: this.series,
      from,
      to: this.#record,
      reasonData: reasonDataOf(this.options, range, evaluation, endMs),
      evidence: evidenceOf(point, this.options),
    }
  }

  /** Appends the state to a snapshot. */
  save(writer: BinaryWriter): void {
    writer.u32(meaningOf(this.options))
    writeStateRecord(writer, this.#record)
    writer.f64(this.#newestMs)
    this.#ring.save(writer)
  }

  /**
   * Takes over what `save` wrote. As in CloudWatch, an alarm whose configuration was changed keeps its state; its
   * datapoints are forgotten when they would be judged by another comparison than they were.
   */
  load(reader: BinaryReader): void {
    const sameMeaning = reader.u32() === meaningOf(this.options)
    this.#record = readStateRecord(reader, `alarm ${this.options.name} of ${this.series.key}`)
    this.#newestMs = reader.f64()
    this.#ring.load(reader, sameMeaning)
  }
}

/** Everything that decides whether one datapoint breaches, as one number: kept datapoints are good while it is equal. */
function meaningOf(options: AlarmOptions): number {
  const { on, operator, threshold, input, minConfidence, periodMs } = options
  const forecast = on === 'forecast' ? [options.within, options.probability, options.every].map(String) : []
  return seedOf(on, operator, String(threshold), input ?? '', String(minConfidence), String(periodMs), ...forecast)
}

function evidenceOf(point: ScoredPoint, options: AlarmOptions): AlarmEvidence {
  const input = alarmInput(point, options)
  return {
    timestampMs: point.timestampMs,
    input: input?.name ?? '',
    value: input?.value ?? Number.NaN,
    expected: input?.expected ?? Number.NaN,
    lower: input?.lower ?? Number.NaN,
    upper: input?.upper ?? Number.NaN,
    score: point.score,
    grade: point.grade,
    confidence: point.confidence,
    gradeReason: point.reason,
    trainingState: point.state,
    model: point.model,
    attribution: point.attribution,
  }
}
