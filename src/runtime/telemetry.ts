import type { AlarmReason, AlarmState } from '../alarm/state.ts'
import type { GradeReason, ScoredPoint } from '../band/scored-point.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { RejectReason } from '../decode/decoder.ts'
import type { ModelRefusal } from '../pipeline/detector/band-model.ts'
import type { SampleOutcome, SeriesChange } from '../pipeline/step-output.ts'
import type { CheckpointRefusal } from './checkpoint-refusal.ts'
import type { PlacementReason } from './placement-guard.ts'

/**
 * What the program says about itself, as typed events: the one place where counters come from. Emit once a batch with
 * a count, never once a sample. Every reason is a member of a closed set, because it becomes a label.
 */

export const NOTIFICATION_OUTCOMES = ['delivered', 'retried', 'dead_lettered'] as const
export type NotificationOutcome = (typeof NOTIFICATION_OUTCOMES)[number]

/** Why a delivery did not succeed; `none` when it did. */
export const NOTIFICATION_REASONS = [
  'none',
  'timeout',
  'unreachable',
  'refused_by_policy',
  'rate_limited',
  'client_error',
  'server_error',
  'gone',
  'redirected',
  'invalid',
  'queue_full',
  'channel_unknown',
] as const
export type NotificationReason = (typeof NOTIFICATION_REASONS)[number]

/** Why a source hands over nothing although there may be something. */
export const STALL_REASONS = ['broker_unreachable', 'topic_missing', 'no_fetch', 'rebalancing', 'backpressure'] as const
export type StallReason = (typeof STALL_REASONS)[number]

/** What became of forecasts: series written, series over the limit, rounds left out because one was under way, or failed. */
export const FORECAST_OUTCOMES = ['written', 'left_out', 'skipped', 'failed'] as const
export type ForecastOutcome = (typeof FORECAST_OUTCOMES)[number]

/**
 * How a round of retraining ended. Closed: a metric label.
 *
 * - `published`: the challenger was better on held-back windows, and is the active model now
 * - `champion_better`, `baseline_better`: it was not better than the active model, or than seasonal naive
 * - `too_little_data`: the topic's history holds no series long enough
 * - `unavailable`: this machine cannot train (no TensorFlow), or there is no topic to read again
 * - `failed`: anything else; the log says what
 */
export const RETRAINING_OUTCOMES = [
  'published',
  'champion_better',
  'baseline_better',
  'too_little_data',
  'unavailable',
  'failed',
] as const
export type RetrainingOutcome = (typeof RETRAINING_OUTCOMES)[number]

/**
 * Why samples did not reach the receiver of remote write.
 *
 * - `queue_full`: it was away, or slower than the pipeline, for longer than the queue is long
 * - `too_old`: older than `maxAge` before they were sent, as when a pipeline learns from history
 * - `already_sent`: the same period was sent before; a restart steps some records again
 * - `label_clash`: another series has the same labels as Prometheus can hold them
 * - `out_of_order`: the receiver has newer ones, or holds no time that old
 * - the rest: what the receiver, or the policy on addresses, says of the whole request; `stopping` is the process
 */
export const REMOTE_WRITE_DROPS = [
  'queue_full',
  'too_old',
  'already_sent',
  'label_clash',
  'out_of_order',
  'unauthorized',
  'client_error',
  'redirected',
  'refused_by_policy',
  'stopping',
] as const
export type RemoteWriteDrop = (typeof REMOTE_WRITE_DROPS)[number]

/** What one request of remote write came to: taken, to be tried again, or refused for good. */
export const REMOTE_WRITE_OUTCOMES = ['ok', 'retried', 'refused'] as const
export type RemoteWriteOutcome = (typeof REMOTE_WRITE_OUTCOMES)[number]

export const OPERATION_OUTCOMES = ['ok', 'failed'] as const
export type OperationOutcome = (typeof OPERATION_OUTCOMES)[number]

/** The parts of the program in which an error can be raised. */
export const COMPONENTS = [
  'source',
  'task',
  'commit',
  'checkpoint',
  'notifier',
  'http',
  'training',
  'forecast',
  'telemetry',
  'app',
] as const
export type Component = (typeof COMPONENTS)[number]

/** Which task an event is about. */
interface OfTask {
  readonly pipeline: string
  readonly topic: string
  readonly partition: number
}

interface OfPipeline {
  readonly pipeline: string
}

export type TelemetryEvent =
  /** First of all, once a pipeline: its counters are created at 0, so that the first increase is seen by rate(). */
  | ({
      readonly type: 'pipeline_configured'
      readonly alarms: readonly string[]
      readonly coverage?: number
    } & OfPipeline)
  | { readonly type: 'channel_configured'; readonly channel: string }
  | ({ readonly type: 'partition_assigned' } & OfTask)
  /** The task is gone: its gauges are removed. */
  | ({ readonly type: 'partition_revoked' } & OfTask)
  | ({ readonly type: 'records_read'; readonly records: number; readonly bytes: number } & OfTask)
  | ({ readonly type: 'records_decoded'; readonly records: number } & OfPipeline)
  /** Rejections of whole records and of single samples in them. */
  | ({ readonly type: 'records_rejected'; readonly reason: RejectReason; readonly count: number } & OfPipeline)
  | ({ readonly type: 'dead_letters_written'; readonly count: number } & OfPipeline)
  | ({ readonly type: 'samples_taken'; readonly outcome: SampleOutcome; readonly count: number } & OfPipeline)
  | ({ readonly type: 'points_scored'; readonly reason: GradeReason; readonly count: number } & OfPipeline)
  | ({
      readonly type: 'alarm_transitioned'
      readonly alarm: string
      readonly from: AlarmState
      readonly to: AlarmState
      readonly reason: AlarmReason
    } & OfPipeline)
  | {
      readonly type: 'notification_attempted'
      readonly channel: string
      readonly outcome: NotificationOutcome
      readonly reason: NotificationReason
      readonly durationMs: number
    }
  /** Transitions that wait for delivery. */
  | { readonly type: 'notifications_pending'; readonly channel: string; readonly count: number }
  | ({ readonly type: 'step_finished'; readonly durationMs: number } & OfPipeline)
  | ({
      readonly type: 'commit_finished'
      readonly outcome: OperationOutcome
      readonly records: number
      readonly durationMs: number
    } & OfPipeline)
  | ({
      readonly type: 'checkpoint_written'
      readonly outcome: OperationOutcome
      readonly series: number
      readonly bytes: number
      readonly durationMs: number
      /** Wall clock when it became durable, ms: the age of the checkpoint is measured from here. */
      readonly atMs: number
    } & OfTask)
  | ({
      readonly type: 'checkpoint_restored'
      readonly series: number
      readonly bytes: number
      readonly durationMs: number
    } & OfTask)
  | ({ readonly type: 'checkpoint_refused'; readonly reason: CheckpointRefusal } & OfPipeline)
  /** Records stepped again, quietly, between the checkpoint and the committed offset. */
  | ({ readonly type: 'records_replayed'; readonly records: number } & OfTask)
  | ({
      readonly type: 'partition_progressed'
      /** Records not yet read. */
      readonly lag: number
      /** Event time before which every period is closed; NaN before the first record. */
      readonly watermarkMs: number
    } & OfTask)
  /** Series with state now, and about how much memory it holds. */
  | ({ readonly type: 'series_counted'; readonly series: number; readonly bytes: number } & OfTask)
  | ({ readonly type: 'series_changed'; readonly change: SeriesChange; readonly count: number } & OfPipeline)
  /** The model that a task's bands come from; 0: none. Held-back losses are NaN where they were not measured. */
  | ({
      readonly type: 'model_in_use'
      readonly version: number
      readonly loss: number
      readonly lossOfSeasonalNaive: number
    } & OfTask)
  | ({ readonly type: 'model_refused'; readonly reason: ModelRefusal } & OfPipeline)
  /** Observed values inside and outside of a band, by whose it is. */
  | ({
      readonly type: 'bands_met'
      readonly model: ScoredPoint['model']
      readonly inside: number
      readonly outside: number
    } & OfPipeline)
  | ({ readonly type: 'forecasts_made'; readonly outcome: ForecastOutcome; readonly count: number } & OfPipeline)
  /** Training steps done of those of the round under way. */
  | ({ readonly type: 'retraining_progressed'; readonly step: number; readonly steps: number } & OfPipeline)
  /** Losses on the windows that were held back; that of the champion is no number where there was none. */
  | ({
      readonly type: 'retraining_compared'
      readonly challenger: number
      readonly champion: number
      readonly seasonalNaive: number
    } & OfPipeline)
  | ({
      readonly type: 'retraining_ended'
      readonly outcome: RetrainingOutcome
      readonly durationMs: number
      readonly atMs: number
    } & OfPipeline)
  /** First of all of a pipeline that writes to Prometheus. */
  | ({ readonly type: 'remote_write_configured' } & OfPipeline)
  | ({
      readonly type: 'remote_write_attempted'
      readonly outcome: RemoteWriteOutcome
      /** In the request. */
      readonly samples: number
      /** Event time of the newest one, ms. */
      readonly newestMs: number
      readonly durationMs: number
    } & OfPipeline)
  | ({ readonly type: 'remote_write_dropped'; readonly reason: RemoteWriteDrop; readonly count: number } & OfPipeline)
  /** Samples that wait, the ones under way too. */
  | ({ readonly type: 'remote_write_pending'; readonly count: number } & OfPipeline)
  | ({ readonly type: 'source_stalled'; readonly reason: StallReason; readonly durationMs: number } & OfPipeline)
  /** Signs that series do not keep to one partition: how many samples, series or keys, as the reason says. */
  | ({ readonly type: 'placement_found'; readonly reason: PlacementReason; readonly count: number } & OfPipeline)
  /** Streams of server-sent events that are open now. */
  | { readonly type: 'event_streams_counted'; readonly open: number }
  | { readonly type: 'error_raised'; readonly code: ErrorCode; readonly component: Component }

export type TelemetryEventType = TelemetryEvent['type']

/** Takes events; never throws and never waits. */
export interface Telemetry {
  emit(event: TelemetryEvent): void
}

/** For library use, where nobody asks. */
export const silentTelemetry: Telemetry = { emit: () => {} }
