import type { AlarmEvent } from '../alarm/alarm-event.ts'
import type { AlarmReason, AlarmState } from '../alarm/state.ts'
import type { GradeReason, ScoredPoint } from '../band/scored-point.ts'
import type { Labels } from '../core/series.ts'
import type { RejectReason } from '../decode/decoder.ts'
import type { PartitionTask } from '../pipeline/partition-task.ts'
import type { PlacementFacts } from '../pipeline/placement.ts'
import type { SampleOutcome, ScoredSeries, SeriesChange, StepOutput } from '../pipeline/step-output.ts'

type Counts<K extends string> = Readonly<Partial<Record<K, number>>>

/** Observed values inside and outside of their bands. */
interface BandCounts {
  readonly inside: number
  readonly outside: number
}

/** What steps of a task did, as plain data that can cross between threads: counted where the task is. */
export interface StepReport {
  readonly records: number
  /** Whole records and single samples that could not be used. */
  readonly rejections: Counts<RejectReason>
  readonly deadLetters: number
  readonly points: Counts<GradeReason>
  readonly bands: Readonly<Record<ScoredPoint['model'], BandCounts>>
  readonly samples: Counts<SampleOutcome>
  readonly series: Counts<SeriesChange>
  /** In the order in which their periods closed. */
  readonly scores: readonly ScoredSeries[]
  readonly events: readonly AlarmEvent[]
  /** Keys of the series that were let go. */
  readonly removed: readonly string[]
  readonly placement: PlacementFacts
}

/** Where a task stands. */
export interface TaskFacts {
  readonly series: number
  /** That its models hold, about. */
  readonly bytes: number
  /** Event time up to which everything is closed, ms; -Infinity before the first sample. */
  readonly watermarkMs: number
}

/** The model that a task's bands come from. Held-back losses are NaN where they were not measured. */
export interface ModelFacts {
  /** 0: none, the bands are the baselines'. */
  readonly version: number
  readonly loss: number
  readonly lossOfSeasonalNaive: number
}

/** The state of one alarm of one series after a restore, when no transition tells of it. */
export interface RestoredAlarm {
  readonly series: { readonly key: string; readonly labels: Labels }
  readonly alarm: string
  readonly state: AlarmState
  readonly sinceMs: number
  readonly reason: string
  readonly reasonCode: AlarmReason
}

export function reportOf(output: StepOutput): StepReport {
  return {
    records: output.records,
    rejections: tally(output.deadLetters, ({ reason }) => reason),
    deadLetters: output.deadLetters.length,
    points: tally(output.scores, ({ point }) => point.reason),
    bands: bandsMet(output.scores),
    samples: output.samples,
    series: output.series,
    scores: output.scores,
    events: output.events,
    removed: output.removed,
    placement: output.placement,
  }
}

export function factsOf(task: PartitionTask): TaskFacts {
  return { series: task.entityCount, bytes: task.byteSize, watermarkMs: task.closedThroughMs }
}

export function modelFactsOf({ model }: Pick<PartitionTask, 'model'>): ModelFacts {
  const { macroWql, macroWqlSeasonalNaive } = model?.model.record ?? {}
  return {
    version: model?.version ?? 0,
    loss: macroWql ?? Number.NaN,
    lossOfSeasonalNaive: macroWqlSeasonalNaive ?? Number.NaN,
  }
}

export function restoredAlarmsOf(task: PartitionTask): RestoredAlarm[] {
  const restored: RestoredAlarm[] = []
  for (const { series, alarms } of task.alarmStates()) {
    const { key, labels } = series
    for (const { name: alarm, record } of alarms.records()) {
      const { value: state, timestampMs: sinceMs, reason, reasonCode } = record
      restored.push({ series: { key, labels }, alarm, state, sinceMs, reason, reasonCode })
    }
  }
  return restored
}

function bandsMet(scores: readonly ScoredSeries[]): StepReport['bands'] {
  const met = { 'seasonal-baseline': { inside: 0, outside: 0 }, deepar: { inside: 0, outside: 0 } }
  for (const { point } of scores) {
    for (const { observed, value, lower, upper } of point.inputs) {
      if (observed && lower <= upper) met[point.model][value >= lower && value <= upper ? 'inside' : 'outside']++
    }
  }
  return met
}

function tally<T, K extends string>(items: readonly T[], keyOf: (item: T) => K): Counts<K> {
  const counts: Partial<Record<K, number>> = {}
  for (const item of items) {
    const key = keyOf(item)
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
