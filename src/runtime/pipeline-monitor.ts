import { formatDuration } from '../core/duration.ts'
import type { TidegaugeError } from '../core/errors.ts'
import type { RefusedModel } from '../pipeline/detector/band-model.ts'
import { coverageOf } from '../pipeline/detector/forecast-input.ts'
import type { PipelineOptions } from '../pipeline/options.ts'
import type { AlarmBoard } from './alarm-board.ts'
import type { CheckpointRefusal } from './checkpoint-refusal.ts'
import type { ConditionLog } from './condition-log.ts'
import { LagBook } from './lag-book.ts'
import type { Logger } from './logger.ts'
import type { PipelineObserver } from './observer.ts'
import { partitionName } from './partition-name.ts'
import { PlacementWatch } from './placement-watch.ts'
import type { TopicMeasure, TopicPartition } from './ports.ts'
import type { ResultSink } from './result-sink.ts'
import { type SeriesBoard, seriesIdOf } from './series-board.ts'
import type { ModelFacts, RestoredAlarm, StepReport, TaskFacts } from './step-report.ts'
import type { Telemetry } from './telemetry.ts'
import type { HealthProblem, PartitionState, PartitionStatus, PipelineStatus } from './views.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

export interface MonitorPorts {
  readonly telemetry: Telemetry
  readonly logger: Logger
  readonly conditions: ConditionLog
  readonly series: SeriesBoard
  readonly alarms: AlarmBoard
  /** Where results are written to besides. */
  readonly results?: ResultSink | undefined
}

/**
 * Turns the life of one pipeline's loops into telemetry, log lines, and what people look at. It observes: nothing that
 * it does or fails to do changes a result.
 */
export class PipelineMonitor implements PipelineObserver {
  readonly #options: PipelineOptions
  readonly #source: string
  readonly #ports: MonitorPorts
  readonly #partitions = new Map<string, Writable<PartitionStatus>>()
  #state: PipelineStatus['state'] = 'starting'
  #error: PipelineStatus['error'] = null
  #sourceProblem: Pick<HealthProblem, 'reason' | 'detail'> | undefined
  /** By partition: what happens to one of them says nothing of the others, and is over when it leaves. */
  readonly #commitProblems = new Map<string, string>()
  readonly #checkpointProblems = new Map<string, string>()
  readonly #notTaken = new Map<string, string>()
  readonly #placement: PlacementWatch
  readonly #lag = new LagBook()

  /** `source` says for people where the records come from. */
  constructor(options: PipelineOptions, source: string, ports: MonitorPorts) {
    this.#options = options
    this.#source = source
    this.#ports = ports
    this.#placement = new PlacementWatch(options.name, ports)
    ports.telemetry.emit({
      type: 'pipeline_configured',
      pipeline: options.name,
      alarms: options.alarms.map((a) => a.name),
      ...(options.detector && { coverage: coverageOf(options.detector.band) }),
    })
  }

  pipelineState(state: PipelineStatus['state'], error?: TidegaugeError): void {
    this.#state = state
    this.#error = error === undefined ? null : { code: error.code, message: error.describe() }
  }

  /** Nothing can be read at the moment, and why; undefined: reading goes on. */
  sourceStalled(error: TidegaugeError | undefined): void {
    const reason = error?.code === 'TOPIC_MISSING' ? 'topic_missing' : 'source_unreachable'
    this.#sourceProblem = error && { reason, detail: error.describe() }
  }

  /** A partition cannot be taken up, and why; it is tried again and again. undefined: it was. */
  notTaken(partition: TopicPartition, error: TidegaugeError | undefined): void {
    if (error === undefined) this.#notTaken.delete(partitionName(partition))
    else
      this.#notTaken.set(
        partitionName(partition),
        `${partitionName(partition)} cannot be taken up: ${error.describe()}`,
      )
  }

  /** What the broker says of a topic, whether anything is read or not. */
  measured(measure: TopicMeasure): void {
    this.#placement.measured(measure)
    this.#lag.measured(measure)
    for (const partition of measure.held.keys()) {
      const of = { topic: measure.topic, partition }
      const status = this.#partitions.get(partitionName(of))
      if (status !== undefined) this.#showLag(of, status)
    }
  }

  #showLag(partition: TopicPartition, status: Writable<PartitionStatus>): void {
    status.lag = this.#lag.of(partition)
    const watermarkMs = status.watermarkMs ?? Number.NaN
    this.#ports.telemetry.emit({ type: 'partition_progressed', ...this.#of(partition), lag: status.lag, watermarkMs })
  }

  #of(partition: TopicPartition) {
    return { pipeline: this.#options.name, topic: partition.topic, partition: partition.partition }
  }

  #status(partition: TopicPartition): Writable<PartitionStatus> {
    const name = partitionName(partition)
    let status = this.#partitions.get(name)
    if (status === undefined) {
      const { topic, partition: number } = partition
      status = {
        topic,
        partition: number,
        state: 'assigned',
        position: '0',
        lag: 0,
        watermarkMs: null,
        checkpointedAtMs: null,
        series: 0,
      }
      this.#partitions.set(name, status)
      this.#ports.telemetry.emit({ type: 'partition_assigned', ...this.#of(partition) })
    }
    return status
  }

  partitionState(partition: TopicPartition, state: PartitionState): void {
    this.#status(partition).state = state
  }

  restored(
    partition: TopicPartition,
    { series, offset, bytes, durationMs }: { series: number; offset: bigint; bytes: number; durationMs: number },
    alarms: readonly RestoredAlarm[],
  ): void {
    const status = this.#status(partition)
    status.series = series
    status.position = String(offset)
    this.#ports.telemetry.emit({ type: 'checkpoint_restored', ...this.#of(partition), series, bytes, durationMs })
    this.#ports.results?.alarmsRestored(alarms)
    for (const { series: of, ...shown } of alarms) this.#showAlarm(of, { ...shown, reasonData: null })
  }

  checkpointRefused(partition: TopicPartition, reason: CheckpointRefusal, detail: string): void {
    const pipeline = this.#options.name
    this.#ports.telemetry.emit({ type: 'checkpoint_refused', pipeline, reason })
    const key = `checkpoint_refused/${pipeline}/${partitionName(partition)}/${reason}`
    this.#ports.conditions.report(key, 'warn', 'checkpoint passed over', { ...this.#of(partition), reason, detail })
  }

  replayed(partition: TopicPartition, report: StepReport): void {
    this.#ports.telemetry.emit({ type: 'records_replayed', ...this.#of(partition), records: report.records })
    this.#show(report)
    this.#placement.saw(partition, report)
  }

  stepped(partition: TopicPartition, facts: { records: number; bytes: number; durationMs: number }): void {
    const { records, bytes, durationMs } = facts
    this.#ports.telemetry.emit({ type: 'records_read', ...this.#of(partition), records, bytes })
    this.#ports.telemetry.emit({ type: 'step_finished', pipeline: this.#options.name, durationMs })
  }

  progressed(
    partition: TopicPartition,
    facts: { lag: number; position: bigint; series: number; watermarkMs: number },
  ): void {
    const status = this.#status(partition)
    const { lag, position, series, watermarkMs } = facts
    const known = Number.isFinite(watermarkMs)
    Object.assign(status, { position: String(position), series, watermarkMs: known ? watermarkMs : null })
    this.#lag.progressed(partition, position, lag)
    this.#showLag(partition, status)
  }

  committed(partition: TopicPartition, task: TaskFacts, report: StepReport, durationMs: number): void {
    const { telemetry } = this.#ports
    const pipeline = this.#options.name
    const { series, bytes } = task
    this.#commitProblems.delete(partitionName(partition))
    telemetry.emit({ type: 'commit_finished', pipeline, outcome: 'ok', records: report.records, durationMs })
    telemetry.emit({ type: 'records_decoded', pipeline, records: report.records })
    telemetry.emit({ type: 'series_counted', ...this.#of(partition), series, bytes })
    this.#count(report)
    this.#show(report)
    this.#placement.saw(partition, report)
  }

  #count(report: StepReport): void {
    const { telemetry } = this.#ports
    const pipeline = this.#options.name
    for (const [reason, count] of counts(report.rejections)) {
      telemetry.emit({ type: 'records_rejected', pipeline, reason, count })
    }
    if (report.deadLetters > 0) telemetry.emit({ type: 'dead_letters_written', pipeline, count: report.deadLetters })
    for (const [reason, count] of counts(report.points)) {
      telemetry.emit({ type: 'points_scored', pipeline, reason, count })
    }
    for (const [model, { inside, outside }] of typedEntries(report.bands)) {
      if (inside + outside > 0) telemetry.emit({ type: 'bands_met', pipeline, model, inside, outside })
    }
    for (const [outcome, count] of counts(report.samples)) {
      telemetry.emit({ type: 'samples_taken', pipeline, outcome, count })
    }
    for (const [change, count] of counts(report.series)) {
      telemetry.emit({ type: 'series_changed', pipeline, change, count })
    }
    for (const { type, alarm, previousState, state } of report.events) {
      if (type !== 'alarm.state_change') continue
      const { value: to, reasonCode: reason } = state
      telemetry.emit({ type: 'alarm_transitioned', pipeline, alarm, from: previousState.value, to, reason })
    }
  }

  modelInUse(partition: TopicPartition, model: ModelFacts): void {
    this.#status(partition)
    this.#ports.telemetry.emit({ type: 'model_in_use', ...this.#of(partition), ...model })
  }

  /** Once a version and partition, or once while the active one cannot be read. */
  modelRefused(partition: TopicPartition | undefined, { reason, detail }: RefusedModel): void {
    const pipeline = this.#options.name
    this.#ports.telemetry.emit({ type: 'model_refused', pipeline, reason })
    const message = 'the active model cannot be used: the one before it stays in use'
    this.#ports.conditions.report(`model_refused/${pipeline}/${reason}`, 'error', message, {
      ...(partition === undefined ? { pipeline } : this.#of(partition)),
      reason,
      detail,
    })
  }

  #show(report: StepReport): void {
    const pipeline = this.#options.name
    this.#ports.results?.publish(report)
    this.#ports.series.publish(pipeline, report.scores)
    for (const { type, alarm, series, state } of report.events) {
      if (type !== 'alarm.state_change') continue
      const { value, reason, reasonCode, reasonData } = state
      const sinceMs = Date.parse(state.timestamp)
      this.#showAlarm(series, { alarm, state: value, sinceMs, reason, reasonCode, reasonData })
    }
    for (const key of report.removed) this.#ports.series.remove(pipeline, key)
  }

  #showAlarm(
    series: { key: string; labels: Readonly<Record<string, string>> },
    shown: Parameters<AlarmBoard['set']>[1],
  ): void {
    const pipeline = this.#options.name
    const seriesId = seriesIdOf(pipeline, series.key)
    this.#ports.alarms.set({ pipeline, seriesId, seriesKey: series.key, labels: series.labels }, shown)
  }

  commitFailed(partition: TopicPartition, error: TidegaugeError): void {
    const pipeline = this.#options.name
    this.#commitProblems.set(partitionName(partition), error.describe())
    this.#ports.telemetry.emit({ type: 'commit_finished', pipeline, outcome: 'failed', records: 0, durationMs: 0 })
    this.#ports.telemetry.emit({ type: 'error_raised', code: error.code, component: 'commit' })
    this.#ports.conditions.report(`commit/${pipeline}/${error.code}`, 'error', 'commit failed', {
      ...this.#of(partition),
      error,
    })
  }

  checkpointed(
    partition: TopicPartition,
    facts: { series: number; bytes: number; durationMs: number; atMs: number },
  ): void {
    this.#checkpointProblems.delete(partitionName(partition))
    this.#status(partition).checkpointedAtMs = facts.atMs
    this.#ports.telemetry.emit({ type: 'checkpoint_written', ...this.#of(partition), outcome: 'ok', ...facts })
  }

  checkpointFailed(partition: TopicPartition, error: TidegaugeError): void {
    const pipeline = this.#options.name
    const nothing = { series: 0, bytes: 0, durationMs: 0, atMs: 0 }
    this.#checkpointProblems.set(partitionName(partition), error.describe())
    this.#ports.telemetry.emit({ type: 'checkpoint_written', ...this.#of(partition), outcome: 'failed', ...nothing })
    this.#ports.telemetry.emit({ type: 'error_raised', code: error.code, component: 'checkpoint' })
    this.#ports.conditions.report(`checkpoint/${pipeline}`, 'error', 'checkpoint failed', {
      ...this.#of(partition),
      error,
    })
  }

  closed(partition: TopicPartition, removed: readonly string[]): void {
    const name = partitionName(partition)
    for (const key of removed) this.#ports.series.remove(this.#options.name, key)
    this.#partitions.delete(name)
    this.#commitProblems.delete(name)
    this.#checkpointProblems.delete(name)
    this.#lag.closed(partition)
    this.#ports.telemetry.emit({ type: 'partition_revoked', ...this.#of(partition) })
  }

  /** Whether the partition is this process's now. */
  holds(partition: TopicPartition): boolean {
    return this.#partitions.has(partitionName(partition))
  }

  status(): PipelineStatus {
    const partitions = [...this.#partitions.values()].map((status) => ({ ...status }))
    const alarms = { OK: 0, ALARM: 0, INSUFFICIENT_DATA: 0 }
    for (const count of this.#ports.alarms.countAlarms()) {
      if (count.pipeline !== this.#options.name) continue
      for (const [state, series] of typedEntries(count.states)) alarms[state] += series
    }
    const training = { PENDING_TRAINING: 0, TRAINED_INSUFFICIENT_DATA: 0, TRAINED: 0 }
    for (const exposed of this.#ports.series.exposed())
      if (exposed.pipeline === this.#options.name) training[exposed.state]++
    return {
      name: this.#options.name,
      state: this.#state,
      source: this.#source,
      period: formatDuration(this.#options.window.periodMs),
      lag: this.#lag.total,
      series: partitions.reduce((sum, status) => sum + status.series, 0),
      training,
      alarms,
      partitions,
      error: this.#error,
    }
  }

  problems(): readonly HealthProblem[] {
    const pipeline = this.#options.name
    const problems: HealthProblem[] = []
    const add = (reason: HealthProblem['reason'], detail: string) => problems.push({ reason, pipeline, detail })
    if (this.#sourceProblem !== undefined) add(this.#sourceProblem.reason, this.#sourceProblem.detail)
    else if (this.#state === 'starting') add('starting', 'the source has not been joined yet')
    if (this.#state === 'draining') add('draining', 'the process is stopping')
    if (this.#state === 'failed') add('pipeline_failed', this.#error?.message ?? 'stopped')
    for (const status of this.#partitions.values()) {
      const { state } = status
      if (state === 'restoring' || state === 'replaying') add('restoring', `${partitionName(status)} is ${state}`)
    }
    for (const detail of this.#notTaken.values()) add('partition_not_taken', detail)
    for (const detail of new Set(this.#commitProblems.values())) add('commit_failing', detail)
    for (const detail of new Set(this.#checkpointProblems.values())) add('checkpoint_failing', detail)
    return problems
  }

  /** What goes wrong although the pipeline does its work. */
  warnings(): readonly HealthProblem[] {
    return this.#placement.warnings()
  }
}

/** Those of the counts that are there. */
function counts<K extends string>(of: Readonly<Partial<Record<K, number>>>): [K, number][] {
  return typedEntries(of as Readonly<Record<K, number>>).filter(([, count]) => count > 0)
}

function typedEntries<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][]
}
