import { ALARM_REASONS, ALARM_STATES } from '../../alarm/state.ts'
import { GRADE_REASONS } from '../../band/scored-point.ts'
import { ERROR_CODES } from '../../core/errors.ts'
import { REJECT_REASONS } from '../../decode/decoder.ts'
import { MODEL_REFUSALS } from '../../pipeline/detector/band-model.ts'
import { SAMPLE_OUTCOMES, SERIES_CHANGES } from '../../pipeline/step-output.ts'
import { CHECKPOINT_REFUSALS } from '../../runtime/checkpoint-refusal.ts'
import { PLACEMENT_REASONS } from '../../runtime/placement-guard.ts'
import {
  COMPONENTS,
  FORECAST_OUTCOMES,
  NOTIFICATION_REASONS,
  OPERATION_OUTCOMES,
  REMOTE_WRITE_DROPS,
  REMOTE_WRITE_OUTCOMES,
  RETRAINING_OUTCOMES,
  STALL_REASONS,
  type Telemetry,
  type TelemetryEvent,
  type TelemetryEventType,
} from '../../runtime/telemetry.ts'
import type { Metrics } from './registry.ts'

type EventOf<T extends TelemetryEventType> = Extract<TelemetryEvent, { readonly type: T }>
type Handlers = { readonly [T in TelemetryEventType]: (m: Metrics, event: EventOf<T>) => void }

/** Counts events. What a label can be is created at 0 as soon as its pipeline or channel is known. */
export class PrometheusTelemetry implements Telemetry {
  readonly #metrics: Metrics

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    for (const code of Object.keys(ERROR_CODES)) {
      for (const component of COMPONENTS) metrics.errors.inc({ code, component }, 0)
    }
  }

  emit(event: TelemetryEvent): void {
    const handle = HANDLERS[event.type] as (m: Metrics, event: TelemetryEvent) => void
    try {
      handle(this.#metrics, event)
    } catch {
      // prom-client throws on a counter that would fall, as after a step back of the clock. Counting is never worth a failure.
      this.#metrics.errors.inc({ code: 'INTERNAL', component: 'telemetry' })
    }
  }
}

/** What each event adds to, one entry an event: the compiler says which is missing. */
const HANDLERS: Handlers = {
  pipeline_configured: createPipeline,
  channel_configured: (m, { channel }) => createChannel(m, channel),
  partition_assigned: (m, { pipeline }) => {
    m.partitionsAssigned.inc({ pipeline })
    m.partitionAssignments.inc({ pipeline })
  },
  partition_revoked: dropTask,
  records_read: (m, { pipeline, topic, records, bytes }) => {
    m.recordsRead.inc({ pipeline, topic }, records)
    m.bytesRead.inc({ pipeline, topic }, bytes)
  },
  records_decoded: (m, { pipeline, records }) => m.recordsDecoded.inc({ pipeline }, records),
  records_rejected: (m, { pipeline, reason, count }) => m.recordsRejected.inc({ pipeline, reason }, count),
  dead_letters_written: (m, { pipeline, count }) => m.deadLetters.inc({ pipeline }, count),
  samples_taken: (m, { pipeline, outcome, count }) => m.samples.inc({ pipeline, outcome }, count),
  points_scored: (m, { pipeline, reason, count }) => m.pointsScored.inc({ pipeline, reason }, count),
  series_changed: (m, { pipeline, change, count }) => m.seriesChanges.inc({ pipeline, change }, count),
  series_counted: (m, event) => {
    m.series.set(taskLabels(event), event.series)
    m.stateBytes.set(taskLabels(event), event.bytes)
  },
  alarm_transitioned: (m, { pipeline, alarm, from, to, reason }) => {
    m.alarmTransitions.inc({ pipeline, alarm, from, to })
    m.alarmTransitionReasons.inc({ pipeline, reason })
  },
  notification_attempted: (m, { channel, outcome, reason, durationMs }) => {
    m.notifications.inc({ channel, outcome, reason })
    m.notificationDuration.observe({ channel }, durationMs / 1000)
  },
  notifications_pending: (m, { channel, count }) => m.notificationsPending.set({ channel }, count),
  step_finished: (m, { pipeline, durationMs }) => m.stepDuration.observe({ pipeline }, durationMs / 1000),
  commit_finished: (m, { pipeline, outcome, records, durationMs }) => {
    if (outcome === 'ok') m.recordsCommitted.inc({ pipeline }, records)
    m.commitDuration.observe({ pipeline, outcome }, durationMs / 1000)
  },
  checkpoint_written: checkpointWritten,
  checkpoint_restored: (m, { pipeline, series, durationMs }) => {
    m.seriesRestored.inc({ pipeline }, series)
    m.restoreDuration.observe({ pipeline }, durationMs / 1000)
  },
  checkpoint_refused: (m, { pipeline, reason }) => m.checkpointsRefused.inc({ pipeline, reason }),
  records_replayed: (m, { pipeline, records }) => m.recordsReplayed.inc({ pipeline }, records),
  partition_progressed: (m, event) => {
    m.lag.set(taskLabels(event), event.lag)
    if (Number.isFinite(event.watermarkMs)) m.watermark.set(taskLabels(event), event.watermarkMs / 1000)
  },
  model_in_use: (m, event) => {
    const { pipeline, version, loss, lossOfSeasonalNaive } = event
    m.modelVersion.set(taskLabels(event), version)
    if (Number.isFinite(loss)) m.modelLoss.set({ pipeline, forecaster: 'deepar' }, loss)
    if (Number.isFinite(lossOfSeasonalNaive)) {
      m.modelLoss.set({ pipeline, forecaster: 'seasonal_naive' }, lossOfSeasonalNaive)
    }
  },
  model_refused: (m, { pipeline, reason }) => m.modelsRefused.inc({ pipeline, reason }),
  bands_met: (m, { pipeline, model, inside, outside }) => {
    m.bandValues.inc({ pipeline, model, place: 'inside' }, inside)
    m.bandValues.inc({ pipeline, model, place: 'outside' }, outside)
  },
  retraining_progressed: (m, { pipeline, step, steps }) => m.retrainingProgress.set({ pipeline }, step / steps),
  retraining_compared: (m, { pipeline, challenger, champion, seasonalNaive }) => {
    for (const [contender, loss] of Object.entries({ challenger, champion, seasonal_naive: seasonalNaive })) {
      if (Number.isFinite(loss)) m.retrainingLoss.set({ pipeline, contender }, loss)
      else m.retrainingLoss.remove({ pipeline, contender })
    }
  },
  retraining_ended: (m, { pipeline, outcome, durationMs, atMs }) => {
    m.retrainingRounds.inc({ pipeline, outcome })
    m.retrainingDuration.set({ pipeline }, durationMs / 1000)
    m.retrainingTime.set({ pipeline }, atMs / 1000)
  },
  forecasts_made: (m, { pipeline, outcome, count }) => m.forecasts.inc({ pipeline, outcome }, count),
  remote_write_configured: createRemoteWrite,
  remote_write_attempted: (m, { pipeline, outcome, samples, newestMs, durationMs }) => {
    m.remoteWriteDuration.observe({ pipeline, outcome }, durationMs / 1000)
    if (outcome !== 'ok') return
    m.remoteWriteSamples.inc({ pipeline }, samples)
    m.remoteWriteNewest.set({ pipeline }, newestMs / 1000)
  },
  remote_write_dropped: (m, { pipeline, reason, count }) => m.remoteWriteDropped.inc({ pipeline, reason }, count),
  remote_write_pending: (m, { pipeline, count }) => m.remoteWritePending.set({ pipeline }, count),
  source_stalled: (m, { pipeline, reason, durationMs }) => {
    m.sourceStalls.inc({ pipeline, reason })
    m.sourceStalledSeconds.inc({ pipeline, reason }, durationMs / 1000)
  },
  placement_found: (m, { pipeline, reason, count }) => m.placementFindings.set({ pipeline, reason }, count),
  event_streams_counted: (m, { open }) => m.eventStreams.set(open),
  error_raised: (m, { code, component }) => m.errors.inc({ code, component }),
}

function checkpointWritten(m: Metrics, event: EventOf<'checkpoint_written'>): void {
  const { pipeline, outcome } = event
  m.checkpoints.inc({ pipeline, outcome })
  if (outcome === 'failed') return
  m.checkpointDuration.observe({ pipeline }, event.durationMs / 1000)
  m.checkpointBytes.set(taskLabels(event), event.bytes)
  m.checkpointSeries.set(taskLabels(event), event.series)
  m.checkpointTime.set(taskLabels(event), event.atMs / 1000)
}

interface Task {
  readonly pipeline: string
  readonly topic: string
  readonly partition: number
}

const taskLabels = ({ pipeline, topic, partition }: Task) => ({ pipeline, topic, partition: String(partition) })

/** A partition that went elsewhere leaves no lag and no checkpoint age behind, which alerts would take for its own. */
function dropTask(m: Metrics, event: Task): void {
  m.partitionsAssigned.dec({ pipeline: event.pipeline })
  const task = taskLabels(event)
  for (const gauge of [m.lag, m.watermark, m.series, m.stateBytes, m.modelVersion]) gauge.remove(task)
  for (const gauge of [m.checkpointBytes, m.checkpointSeries, m.checkpointTime]) gauge.remove(task)
}

function createPipeline(m: Metrics, { pipeline, alarms, coverage }: EventOf<'pipeline_configured'>): void {
  const counters = [m.recordsDecoded, m.deadLetters, m.recordsCommitted, m.seriesRestored, m.recordsReplayed]
  for (const counter of [...counters, m.partitionAssignments]) counter.inc({ pipeline }, 0)
  m.partitionsAssigned.set({ pipeline }, 0)
  if (coverage !== undefined) m.bandCoverageTarget.set({ pipeline }, coverage)
  for (const outcome of FORECAST_OUTCOMES) m.forecasts.inc({ pipeline, outcome }, 0)
  for (const outcome of RETRAINING_OUTCOMES) m.retrainingRounds.inc({ pipeline, outcome }, 0)
  for (const reason of MODEL_REFUSALS) m.modelsRefused.inc({ pipeline, reason }, 0)
  for (const model of ['seasonal-baseline', 'deepar']) {
    for (const place of ['inside', 'outside']) m.bandValues.inc({ pipeline, model, place }, 0)
  }
  for (const reason of REJECT_REASONS) m.recordsRejected.inc({ pipeline, reason }, 0)
  for (const outcome of SAMPLE_OUTCOMES) m.samples.inc({ pipeline, outcome }, 0)
  for (const reason of GRADE_REASONS) m.pointsScored.inc({ pipeline, reason }, 0)
  for (const change of SERIES_CHANGES) m.seriesChanges.inc({ pipeline, change }, 0)
  for (const outcome of OPERATION_OUTCOMES) m.checkpoints.inc({ pipeline, outcome }, 0)
  for (const reason of CHECKPOINT_REFUSALS) m.checkpointsRefused.inc({ pipeline, reason }, 0)
  for (const reason of PLACEMENT_REASONS) m.placementFindings.set({ pipeline, reason }, 0)
  for (const reason of ALARM_REASONS) m.alarmTransitionReasons.inc({ pipeline, reason }, 0)
  for (const reason of STALL_REASONS) {
    m.sourceStalls.inc({ pipeline, reason }, 0)
    m.sourceStalledSeconds.inc({ pipeline, reason }, 0)
  }
  m.stepDuration.zero({ pipeline })
  m.checkpointDuration.zero({ pipeline })
  m.restoreDuration.zero({ pipeline })
  for (const outcome of OPERATION_OUTCOMES) m.commitDuration.zero({ pipeline, outcome })
  for (const alarm of alarms) {
    for (const from of ALARM_STATES) {
      m.alarms.set({ pipeline, alarm, state: from }, 0)
      for (const to of ALARM_STATES) if (from !== to) m.alarmTransitions.inc({ pipeline, alarm, from, to }, 0)
    }
  }
}

function createRemoteWrite(m: Metrics, { pipeline }: EventOf<'remote_write_configured'>): void {
  m.remoteWriteSamples.inc({ pipeline }, 0)
  m.remoteWritePending.set({ pipeline }, 0)
  for (const reason of REMOTE_WRITE_DROPS) m.remoteWriteDropped.inc({ pipeline, reason }, 0)
  for (const outcome of REMOTE_WRITE_OUTCOMES) m.remoteWriteDuration.zero({ pipeline, outcome })
}

function createChannel(m: Metrics, channel: string): void {
  m.notifications.inc({ channel, outcome: 'delivered', reason: 'none' }, 0)
  for (const reason of NOTIFICATION_REASONS) {
    if (reason === 'none') continue
    m.notifications.inc({ channel, outcome: 'retried', reason }, 0)
    m.notifications.inc({ channel, outcome: 'dead_lettered', reason }, 0)
  }
  m.notificationDuration.zero({ channel })
  m.notificationsPending.set({ channel }, 0)
}
