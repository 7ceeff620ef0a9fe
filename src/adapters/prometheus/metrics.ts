/**
 * Every metric that Tidegauge exposes about itself: name, help, labels, unit (the name says it). The one place where
 * names are written; the reference in grafana/README.md and the rules in deploy/prometheus are checked against it.
 */
export interface MetricSpec {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: `tidegauge_${string}`
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds, histograms only. */
  readonly buckets?: readonly number[]
}

const TASK = ['pipeline', 'topic', 'partition'] as const
const SECONDS_FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const SECONDS_SLOW = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300]

export const METRICS = {
  buildInfo: {
    kind: 'gauge',
    name: 'tidegauge_build_info',
    help: 'Always 1; the version of Tidegauge and of Node in the labels.',
    labels: ['version', 'node_version'],
  },
  partitionsAssigned: {
    kind: 'gauge',
    name: 'tidegauge_partitions_assigned',
    help: 'Partitions that this process owns.',
    labels: ['pipeline'],
  },
  partitionAssignments: {
    kind: 'counter',
    name: 'tidegauge_partition_assignments_total',
    help: 'Partitions that were given to this process.',
    labels: ['pipeline'],
  },
  recordsRead: {
    kind: 'counter',
    name: 'tidegauge_records_read_total',
    help: 'Records read from the source.',
    labels: ['pipeline', 'topic'],
  },
  bytesRead: {
    kind: 'counter',
    name: 'tidegauge_records_read_bytes_total',
    help: 'Bytes of keys and values read from the source.',
    labels: ['pipeline', 'topic'],
  },
  recordsDecoded: {
    kind: 'counter',
    name: 'tidegauge_records_decoded_total',
    help: 'Records that went through the decoder, whatever came of them.',
    labels: ['pipeline'],
  },
  recordsRejected: {
    kind: 'counter',
    name: 'tidegauge_records_rejected_total',
    help: 'Records, or samples in them, that could not be used, by reason.',
    labels: ['pipeline', 'reason'],
  },
  deadLetters: {
    kind: 'counter',
    name: 'tidegauge_dead_letters_total',
    help: 'Records written to the dead-letter topic.',
    labels: ['pipeline'],
  },
  samples: {
    kind: 'counter',
    name: 'tidegauge_samples_total',
    help: 'Decoded samples by what became of them.',
    labels: ['pipeline', 'outcome'],
  },
  pointsScored: {
    kind: 'counter',
    name: 'tidegauge_points_scored_total',
    help: 'Periods of series that were scored, by the reason of their grade.',
    labels: ['pipeline', 'reason'],
  },
  alarmTransitions: {
    kind: 'counter',
    name: 'tidegauge_alarm_transitions_total',
    help: 'Changes of state of alarms.',
    labels: ['pipeline', 'alarm', 'from', 'to'],
  },
  alarmTransitionReasons: {
    kind: 'counter',
    name: 'tidegauge_alarm_transition_reasons_total',
    help: 'Changes of state of alarms by reason.',
    labels: ['pipeline', 'reason'],
  },
  alarms: {
    kind: 'gauge',
    name: 'tidegauge_alarms',
    help: 'Series in each state of an alarm.',
    labels: ['pipeline', 'alarm', 'state'],
  },
  notifications: {
    kind: 'counter',
    name: 'tidegauge_notifications_total',
    help: 'Attempts to deliver an alarm transition, by outcome and reason.',
    labels: ['channel', 'outcome', 'reason'],
  },
  notificationDuration: {
    kind: 'histogram',
    name: 'tidegauge_notification_duration_seconds',
    help: 'How long one attempt at a delivery took.',
    labels: ['channel'],
    buckets: SECONDS_SLOW,
  },
  notificationsPending: {
    kind: 'gauge',
    name: 'tidegauge_notifications_pending',
    help: 'Transitions that wait for delivery.',
    labels: ['channel'],
  },
  stepDuration: {
    kind: 'histogram',
    name: 'tidegauge_step_duration_seconds',
    help: 'How long the task worked on one slice of records.',
    labels: ['pipeline'],
    buckets: SECONDS_FAST,
  },
  commitDuration: {
    kind: 'histogram',
    name: 'tidegauge_commit_duration_seconds',
    help: 'How long a commit of results and offsets took.',
    labels: ['pipeline', 'outcome'],
    buckets: SECONDS_FAST,
  },
  recordsCommitted: {
    kind: 'counter',
    name: 'tidegauge_records_committed_total',
    help: 'Records whose results became visible.',
    labels: ['pipeline'],
  },
  checkpoints: {
    kind: 'counter',
    name: 'tidegauge_checkpoints_total',
    help: 'Checkpoints that were tried, by outcome.',
    labels: ['pipeline', 'outcome'],
  },
  checkpointDuration: {
    kind: 'histogram',
    name: 'tidegauge_checkpoint_duration_seconds',
    help: 'How long a checkpoint took.',
    labels: ['pipeline'],
    buckets: SECONDS_SLOW,
  },
  checkpointBytes: {
    kind: 'gauge',
    name: 'tidegauge_checkpoint_bytes',
    help: 'Written for the newest checkpoint: what had changed since the one before.',
    labels: TASK,
  },
  checkpointSeries: {
    kind: 'gauge',
    name: 'tidegauge_checkpoint_series',
    help: 'Series in the newest checkpoint.',
    labels: TASK,
  },
  checkpointTime: {
    kind: 'gauge',
    name: 'tidegauge_checkpoint_timestamp_seconds',
    help: 'When the newest checkpoint became durable.',
    labels: TASK,
  },
  checkpointsRefused: {
    kind: 'counter',
    name: 'tidegauge_checkpoints_refused_total',
    help: 'Checkpoints that were passed over when state was restored, by reason.',
    labels: ['pipeline', 'reason'],
  },
  restoreDuration: {
    kind: 'histogram',
    name: 'tidegauge_restore_duration_seconds',
    help: 'How long the restore of a partition from its checkpoint took.',
    labels: ['pipeline'],
    buckets: SECONDS_SLOW,
  },
  seriesRestored: {
    kind: 'counter',
    name: 'tidegauge_series_restored_total',
    help: 'Series whose state came from a checkpoint.',
    labels: ['pipeline'],
  },
  recordsReplayed: {
    kind: 'counter',
    name: 'tidegauge_records_replayed_total',
    help: 'Records between checkpoint and commit that were stepped again without results.',
    labels: ['pipeline'],
  },
  lag: {
    kind: 'gauge',
    name: 'tidegauge_lag_records',
    help: 'Records of the partition that were not yet read.',
    labels: TASK,
  },
  watermark: {
    kind: 'gauge',
    name: 'tidegauge_watermark_timestamp_seconds',
    help: 'Event time before which every period of the partition is closed.',
    labels: TASK,
  },
  series: {
    kind: 'gauge',
    name: 'tidegauge_series',
    help: 'Series with state.',
    labels: TASK,
  },
  stateBytes: {
    kind: 'gauge',
    name: 'tidegauge_state_bytes',
    help: 'About how much memory the state of the series holds.',
    labels: TASK,
  },
  seriesChanges: {
    kind: 'counter',
    name: 'tidegauge_series_changes_total',
    help: 'Series that came, went, or were not let in.',
    labels: ['pipeline', 'change'],
  },
  modelVersion: {
    kind: 'gauge',
    name: 'tidegauge_model_version',
    help: 'Version of the DeepAR model that the bands of a partition come from; 0 without one.',
    labels: TASK,
  },
  modelLoss: {
    kind: 'gauge',
    name: 'tidegauge_model_wql',
    help: 'Weighted quantile loss, on windows held back from training, of the model in use and of seasonal naive.',
    labels: ['pipeline', 'forecaster'],
  },
  modelsRefused: {
    kind: 'counter',
    name: 'tidegauge_models_refused_total',
    help: 'Published models that were not used, by reason.',
    labels: ['pipeline', 'reason'],
  },
  bandValues: {
    kind: 'counter',
    name: 'tidegauge_band_values_total',
    help: 'Observed values that had a band, by whose band it was and on which side of its edges they lay.',
    labels: ['pipeline', 'model', 'place'],
  },
  forecasts: {
    kind: 'counter',
    name: 'tidegauge_forecasts_total',
    help: 'Forecasts over several periods: series written or left out over the limit, rounds skipped or failed.',
    labels: ['pipeline', 'outcome'],
  },
  retrainingRounds: {
    kind: 'counter',
    name: 'tidegauge_retraining_rounds_total',
    help: 'Rounds of scheduled retraining, by how they ended.',
    labels: ['pipeline', 'outcome'],
  },
  retrainingProgress: {
    kind: 'gauge',
    name: 'tidegauge_retraining_progress_ratio',
    help: 'Training steps done of those of the last round.',
    labels: ['pipeline'],
  },
  retrainingDuration: {
    kind: 'gauge',
    name: 'tidegauge_retraining_duration_seconds',
    help: 'How long the last round of retraining took, reading included.',
    labels: ['pipeline'],
  },
  retrainingTime: {
    kind: 'gauge',
    name: 'tidegauge_retraining_last_timestamp_seconds',
    help: 'When the last round of retraining ended, however it did. Not there before the first.',
    labels: ['pipeline'],
  },
  retrainingLoss: {
    kind: 'gauge',
    name: 'tidegauge_retraining_wql',
    help: 'Weighted quantile loss of the last round of retraining: challenger, champion, seasonal naive.',
    labels: ['pipeline', 'contender'],
  },
  bandCoverageTarget: {
    kind: 'gauge',
    name: 'tidegauge_band_coverage_target',
    help: 'Share of values that the calibrated band of a DeepAR model is to hold.',
    labels: ['pipeline'],
  },
  seriesExposed: {
    kind: 'gauge',
    name: 'tidegauge_series_exposed',
    help: 'Series whose points are shown here, by how much was learned of them.',
    labels: ['pipeline', 'training'],
  },
  seriesLeftOut: {
    kind: 'gauge',
    name: 'tidegauge_exposition_series_left_out',
    help: 'Series that are not shown here because the pipeline exposes no more.',
    labels: ['pipeline'],
  },
  pointsLeftOut: {
    kind: 'counter',
    name: 'tidegauge_exposition_points_left_out_total',
    help: 'Points of series that are kept neither for this page nor for the API, because there are too many.',
    labels: ['pipeline'],
  },
  labelClashes: {
    kind: 'gauge',
    name: 'tidegauge_exposition_label_clashes',
    help: 'Series that are not shown here because their labels, as Prometheus can hold them, equal those of another.',
    labels: [],
  },
  remoteWriteSamples: {
    kind: 'counter',
    name: 'tidegauge_remote_write_samples_total',
    help: 'Samples that the receiver of remote write has taken.',
    labels: ['pipeline'],
  },
  remoteWriteDropped: {
    kind: 'counter',
    name: 'tidegauge_remote_write_samples_dropped_total',
    help: 'Samples that did not reach the receiver of remote write and are not tried again, by reason.',
    labels: ['pipeline', 'reason'],
  },
  remoteWritePending: {
    kind: 'gauge',
    name: 'tidegauge_remote_write_pending_samples',
    help: 'Samples that wait for the receiver of remote write.',
    labels: ['pipeline'],
  },
  remoteWriteNewest: {
    kind: 'gauge',
    name: 'tidegauge_remote_write_newest_timestamp_seconds',
    help: 'Event time of the newest sample that the receiver of remote write has taken.',
    labels: ['pipeline'],
  },
  remoteWriteDuration: {
    kind: 'histogram',
    name: 'tidegauge_remote_write_request_duration_seconds',
    help: 'How long one request of remote write took, by what it came to.',
    labels: ['pipeline', 'outcome'],
    buckets: SECONDS_SLOW,
  },
  sourceStalls: {
    kind: 'counter',
    name: 'tidegauge_source_stalls_total',
    help: 'Times that the source handed over nothing although there may have been something, by reason.',
    labels: ['pipeline', 'reason'],
  },
  sourceStalledSeconds: {
    kind: 'counter',
    name: 'tidegauge_source_stalled_seconds_total',
    help: 'How long the source was stalled.',
    labels: ['pipeline', 'reason'],
  },
  placementFindings: {
    kind: 'gauge',
    name: 'tidegauge_placement_findings',
    help: 'Samples, series or keys, as the reason says, that are a sign of series spread over partitions or overwriting each other.',
    labels: ['pipeline', 'reason'],
  },
  eventStreams: {
    kind: 'gauge',
    name: 'tidegauge_http_event_streams',
    help: 'Streams of server-sent events that are open.',
    labels: [],
  },
  errors: {
    kind: 'counter',
    name: 'tidegauge_errors_total',
    help: 'Errors by code and by the part of the program that met them.',
    labels: ['code', 'component'],
  },
} as const satisfies Readonly<Record<string, MetricSpec>>

export type MetricId = keyof typeof METRICS
export type MetricIdOf<K extends MetricSpec['kind']> = {
  [Id in MetricId]: (typeof METRICS)[Id]['kind'] extends K ? Id : never
}[MetricId]
export type LabelsOf<Id extends MetricId> = (typeof METRICS)[Id]['labels'][number]
