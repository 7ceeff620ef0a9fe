import type { AlarmReason, AlarmState, CompositeReasonData, ReasonData } from '../alarm/state.ts'
import type { Attribution, FeedbackLabel, GradeReason, ScoredInput } from '../band/scored-point.ts'
import type { TimeRange } from '../core/sample.ts'
import type { Labels, Series } from '../core/series.ts'
import type { RejectReason } from '../decode/decoder.ts'
import type { TrainingState } from '../forecast/forecaster.ts'

/**
 * What can be looked at from outside, as ports: the HTTP API takes these as arguments and knows nothing of tasks.
 * Answers are plain data; NaN never appears (a number that is not known is null).
 */

export interface Page<T> {
  readonly items: readonly T[]
  /** How many match in all. */
  readonly total: number
}

export const SERIES_SORTS = ['key', 'grade', 'score', 'updated'] as const

export interface SeriesQuery {
  readonly pipeline?: string
  /** Every word must occur in the key, whatever its case. */
  readonly text?: string
  /** Only series whose newest grade is at least this. */
  readonly gradeMin?: number
  /** `key` ascends; the others descend. */
  readonly sort: (typeof SERIES_SORTS)[number]
  readonly offset: number
  readonly limit: number
}

/** One input of a point as it is shown. */
export interface InputPoint {
  readonly value: number | null
  readonly observed: boolean
  readonly expected: number | null
  readonly lower: number | null
  readonly upper: number | null
}

export interface PointView {
  readonly timestampMs: number
  readonly score: number
  readonly grade: number
  readonly confidence: number
  readonly reason: GradeReason
  /** One for each name of the series' `inputs`. */
  readonly inputs: readonly InputPoint[]
  /** What the score consists of, the largest shares first; only of anomalous points. */
  readonly attribution: readonly Attribution[]
}

export interface SeriesSummary {
  /** Stable over restarts; safe in a URL. */
  readonly id: string
  readonly pipeline: string
  readonly key: string
  readonly name: string
  readonly labels: Labels
  /** Names of the metrics that were joined; one when nothing was. */
  readonly inputs: readonly string[]
  readonly state: TrainingState
  readonly latest: PointView
  readonly alarms: readonly { readonly alarm: string; readonly state: AlarmState; readonly sinceMs: number }[]
}

export interface SeriesView {
  list(query: SeriesQuery): Page<SeriesSummary>
  get(id: string): SeriesSummary | undefined
  /** The newest `limit` kept points inside the range, oldest first; undefined when the series is not known. */
  points(id: string, range: TimeRange, limit: number): readonly PointView[] | undefined
}

/** A forecast over several periods of one input of a series. */
export interface SeriesForecastView {
  readonly input: string
  /** Of the model that made it. */
  readonly modelVersion: number
  /** Start of the first period forecast, event time. */
  readonly startMs: number
  readonly periodMs: number
  readonly mean: readonly number[]
  readonly quantiles: readonly { readonly level: number; readonly values: readonly number[] }[]
}

export interface ForecastView {
  /** The newest forecasts of a series, one an input; empty when it was not forecast. */
  forecasts(seriesId: string): readonly SeriesForecastView[]
}

export interface AlarmQuery {
  readonly pipeline?: string
  readonly alarm?: string
  readonly state?: AlarmState
  readonly text?: string
  readonly offset: number
  readonly limit: number
}

export interface AlarmSummary {
  readonly pipeline: string
  readonly alarm: string
  readonly seriesId: string
  readonly seriesKey: string
  readonly labels: Labels
  readonly state: AlarmState
  /** Event time of the period that brought the state. */
  readonly sinceMs: number
  /** For people. */
  readonly reason: string
  readonly reasonCode: AlarmReason
  /** For machines: recent datapoints and thresholds. */
  readonly reasonData: ReasonData | CompositeReasonData | null
}

export interface AlarmCount {
  readonly pipeline: string
  readonly alarm: string
  readonly states: Readonly<Record<AlarmState, number>>
}

/** One alarm of one series went from one state to another. */
export interface AlarmChange {
  /** Counts the changes that this process has seen. */
  readonly sequence: number
  readonly pipeline: string
  readonly alarm: string
  readonly seriesId: string
  readonly seriesKey: string
  readonly from: AlarmState
  readonly to: AlarmState
  /** Event time of the period that brought the change. */
  readonly timestampMs: number
  /** For people. */
  readonly reason: string
  readonly reasonCode: AlarmReason
}

export interface AlarmView {
  /** Newest change first. */
  listAlarms(query: AlarmQuery): Page<AlarmSummary>
  /** Changes of one series' alarms, as far as they are kept, oldest first. */
  changesOf(seriesId: string): readonly AlarmChange[]
  /** Changes after the one of this number, oldest first, the newest `limit` that are kept; and the newest number. */
  changesSince(sequence: number, limit: number): { readonly sequence: number; readonly items: readonly AlarmChange[] }
  /** By pipeline, alarm and state: how many series. */
  countAlarms(): readonly AlarmCount[]
}

/** The newest point of a series as a metrics endpoint shows it; NaN where there is nothing to show. */
export interface ExposedSeries {
  readonly id: string
  readonly pipeline: string
  readonly series: Series
  readonly inputs: readonly ScoredInput[]
  readonly score: number
  readonly grade: number
  readonly confidence: number
  readonly state: TrainingState
  readonly attribution: readonly Attribution[]
  readonly alarms: ReadonlyMap<string, AlarmState>
}

export interface ExpositionView {
  /** Series that were updated lately, in the order in which they were first seen. */
  exposed(): Iterable<ExposedSeries>
  /** By pipeline: series shown now, and points that were not shown because as many series as may be were there. */
  exposureCounts(): ReadonlyMap<string, { readonly shown: number; readonly pointsLeftOut: number }>
}

/** Lifecycle of a task, as people see it. */
export const PARTITION_STATES = ['assigned', 'restoring', 'replaying', 'running', 'draining', 'failed'] as const
export type PartitionState = (typeof PARTITION_STATES)[number]

export interface PartitionStatus {
  readonly topic: string
  readonly partition: number
  readonly state: PartitionState
  /** Next offset to read, as text: offsets pass 2^53. */
  readonly position: string
  readonly lag: number
  readonly watermarkMs: number | null
  readonly checkpointedAtMs: number | null
  readonly series: number
}

export const PIPELINE_STATES = ['starting', 'running', 'draining', 'stopped', 'failed'] as const

export interface PipelineStatus {
  readonly name: string
  readonly state: (typeof PIPELINE_STATES)[number]
  /** Where the records come from, for people: `kafka topic metrics`, `file samples.jsonl`, `http`. */
  readonly source: string
  readonly period: string
  readonly lag: number
  readonly series: number
  readonly training: Readonly<Record<TrainingState, number>>
  readonly alarms: Readonly<Record<AlarmState, number>>
  readonly partitions: readonly PartitionStatus[]
  /** Why it failed; null unless it did. */
  readonly error: { readonly code: string; readonly message: string } | null
}

export interface PipelineView {
  listPipelines(): readonly PipelineStatus[]
}

/** Why the process is not live or not ready. Closed: probes and people branch on it. */
export const HEALTH_REASONS = [
  'starting',
  'restoring',
  'draining',
  'source_unreachable',
  'source_stalled',
  'topic_missing',
  'pipeline_failed',
  'checkpoint_failing',
  'commit_failing',
  'partition_not_taken',
  'series_misplaced',
  'training_unavailable',
  'event_loop_blocked',
] as const
export type HealthReason = (typeof HEALTH_REASONS)[number]

export interface HealthProblem {
  readonly reason: HealthReason
  readonly pipeline: string | null
  readonly detail: string
}

/** Healthy exactly when there are no problems. */
export interface HealthView {
  /** Problems that only a restart can cure. */
  live(): readonly HealthProblem[]
  /** Problems because of which work should wait. */
  ready(): readonly HealthProblem[]
  /** What is missing although the rest works, so that nobody should wait: told by /health/ready, which stays 200. */
  degraded?(): readonly HealthProblem[]
}

/** What became of pushed records, each one body in the pipeline's format. */
export type PushOutcome =
  | {
      /** The results of these records are durable. */
      readonly kind: 'taken'
      readonly samples: number
      readonly rejections: readonly {
        readonly record: number
        readonly reason: RejectReason
        readonly detail: string
      }[]
    }
  | { readonly kind: 'unknown_pipeline' }
  /** The pipeline reads from somewhere else. */
  | { readonly kind: 'not_pushed' }
  /** Too much is waiting: come back later. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  /** The pipelines are not up yet: come back later. */
  | { readonly kind: 'starting'; readonly retryAfterMs: number }
  | { readonly kind: 'stopping' }

/** Samples pushed into a pipeline that runs embedded. */
export interface SampleIntake {
  push(pipeline: string, records: readonly Uint8Array[]): Promise<PushOutcome>
}

export interface FeedbackRequest {
  readonly pipeline: string
  /** A series' key or id. */
  readonly series: string
  readonly range: TimeRange
  readonly label: FeedbackLabel
}

export type FeedbackOutcome =
  | { readonly kind: 'accepted'; readonly id: string }
  | { readonly kind: 'unknown_pipeline' }
  | { readonly kind: 'unknown_series' }
  | { readonly kind: 'range_not_kept' }

export interface FeedbackIntake {
  submit(request: FeedbackRequest): Promise<FeedbackOutcome>
}
