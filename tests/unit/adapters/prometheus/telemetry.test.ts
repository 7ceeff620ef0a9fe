import { describe, expect, it } from 'vitest'
import { createRegistry } from '../../../../src/adapters/prometheus/registry.ts'
import { PrometheusTelemetry } from '../../../../src/adapters/prometheus/telemetry.ts'
import { REMOTE_WRITE_DROPS } from '../../../../src/runtime/telemetry.ts'

const TASK = { pipeline: 'web', topic: 'metrics', partition: 3 } as const

function setUp() {
  const { registry, metrics } = createRegistry()
  const telemetry = new PrometheusTelemetry(metrics)
  /** Value lines whose name begins so, without comments. */
  const lines = async (name: string) =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(name) && !line.startsWith('#'))
  return { telemetry, lines }
}

describe('PrometheusTelemetry', () => {
  it('creates what a label can be at 0 as soon as the pipeline is known', async () => {
    const { telemetry, lines } = setUp()
    telemetry.emit({ type: 'pipeline_configured', pipeline: 'web', alarms: ['high'] })
    telemetry.emit({ type: 'channel_configured', channel: 'hook' })
    expect(await lines('tidegauge_records_rejected_total')).toContain(
      'tidegauge_records_rejected_total{pipeline="web",reason="not_json"} 0',
    )
    expect(await lines('tidegauge_alarm_transitions_total')).toHaveLength(6)
    expect(await lines('tidegauge_errors_total')).toContain(
      'tidegauge_errors_total{code="STORAGE_FAILED",component="checkpoint"} 0',
    )
    expect(await lines('tidegauge_notifications_total')).toContain(
      'tidegauge_notifications_total{channel="hook",outcome="delivered",reason="none"} 0',
    )
    expect(await lines('tidegauge_commit_duration_seconds_count')).toEqual([
      'tidegauge_commit_duration_seconds_count{pipeline="web",outcome="ok"} 0',
      'tidegauge_commit_duration_seconds_count{pipeline="web",outcome="failed"} 0',
    ])
  })

  it('counts by the count of the event', async () => {
    const { telemetry, lines } = setUp()
    telemetry.emit({ type: 'records_read', ...TASK, records: 7, bytes: 700 })
    telemetry.emit({ type: 'records_read', ...TASK, partition: 4, records: 3, bytes: 300 })
    telemetry.emit({ type: 'samples_taken', pipeline: 'web', outcome: 'late', count: 5 })
    telemetry.emit({ type: 'points_scored', pipeline: 'web', reason: 'anomalous_value', count: 2 })
    telemetry.emit({
      type: 'alarm_transitioned',
      pipeline: 'web',
      alarm: 'high',
      from: 'OK',
      to: 'ALARM',
      reason: 'threshold_crossed',
    })
    expect(await lines('tidegauge_records_read')).toEqual([
      'tidegauge_records_read_total{pipeline="web",topic="metrics"} 10',
      'tidegauge_records_read_bytes_total{pipeline="web",topic="metrics"} 1000',
    ])
    expect(await lines('tidegauge_samples_total')).toEqual(['tidegauge_samples_total{pipeline="web",outcome="late"} 5'])
    expect(await lines('tidegauge_points_scored_total')).toEqual([
      'tidegauge_points_scored_total{pipeline="web",reason="anomalous_value"} 2',
    ])
    expect(await lines('tidegauge_alarm_transition')).toEqual([
      'tidegauge_alarm_transitions_total{pipeline="web",alarm="high",from="OK",to="ALARM"} 1',
      'tidegauge_alarm_transition_reasons_total{pipeline="web",reason="threshold_crossed"} 1',
    ])
  })

  it('shows what bands held, by whose they were, from 0 on, and what the model is to hold', async () => {
    const { telemetry, lines } = setUp()
    telemetry.emit({ type: 'pipeline_configured', pipeline: 'web', alarms: [], coverage: 0.9 })
    telemetry.emit({ type: 'pipeline_configured', pipeline: 'raw', alarms: [] })
    const met = { type: 'bands_met', pipeline: 'web', model: 'deepar' } as const
    telemetry.emit({ ...met, inside: 8, outside: 1 })
    telemetry.emit({ ...met, inside: 3, outside: 0 })
    expect(await lines('tidegauge_band_values_total{pipeline="web"')).toEqual([
      'tidegauge_band_values_total{pipeline="web",model="seasonal-baseline",place="inside"} 0',
      'tidegauge_band_values_total{pipeline="web",model="seasonal-baseline",place="outside"} 0',
      'tidegauge_band_values_total{pipeline="web",model="deepar",place="inside"} 11',
      'tidegauge_band_values_total{pipeline="web",model="deepar",place="outside"} 1',
    ])
    // A pipeline without bands promises nothing.
    expect(await lines('tidegauge_band_coverage_target')).toEqual([
      'tidegauge_band_coverage_target{pipeline="web"} 0.9',
    ])
  })

  it('shows the newest round of retraining; a champion only where there was one', async () => {
    const { telemetry, lines } = setUp()
    telemetry.emit({ type: 'pipeline_configured', pipeline: 'web', alarms: [] })
    expect(await lines('tidegauge_retraining_last_timestamp_seconds')).toEqual([])
    const compared = { type: 'retraining_compared', pipeline: 'web', seasonalNaive: 0.1 } as const
    telemetry.emit({ ...compared, challenger: 0.05, champion: 0.06 })
    const ended = { type: 'retraining_ended', pipeline: 'web', durationMs: 90_000, atMs: 1_700_000_000_000 } as const
    telemetry.emit({ ...ended, outcome: 'published' })
    expect(await lines('tidegauge_retraining_last_timestamp_seconds')).toEqual([
      'tidegauge_retraining_last_timestamp_seconds{pipeline="web"} 1700000000',
    ])
    expect(await lines('tidegauge_retraining_wql')).toEqual([
      'tidegauge_retraining_wql{pipeline="web",contender="challenger"} 0.05',
      'tidegauge_retraining_wql{pipeline="web",contender="champion"} 0.06',
      'tidegauge_retraining_wql{pipeline="web",contender="seasonal_naive"} 0.1',
    ])
    telemetry.emit({ ...compared, challenger: 0.04, champion: Number.NaN })
    expect(await lines('tidegauge_retraining_wql{pipeline="web",contender="champion"}')).toEqual([])
    expect(await lines('tidegauge_retraining_rounds_total{pipeline="web",outcome="published"}')).toEqual([
      'tidegauge_retraining_rounds_total{pipeline="web",outcome="published"} 1',
    ])
  })

  it('counts what remote write sends, what it drops and why, and what waits; all from 0 on', async () => {
    const { telemetry, lines } = setUp()
    telemetry.emit({ type: 'remote_write_configured', pipeline: 'web' })
    const drops = await lines('tidegauge_remote_write_samples_dropped_total')
    expect(drops).toHaveLength(REMOTE_WRITE_DROPS.length)
    expect(drops.every((line) => line.endsWith(' 0'))).toBe(true)
    const attempt = { type: 'remote_write_attempted', pipeline: 'web', samples: 7, newestMs: 60_000 } as const
    telemetry.emit({ ...attempt, outcome: 'retried', durationMs: 20 })
    telemetry.emit({ ...attempt, outcome: 'ok', durationMs: 20 })
    telemetry.emit({ type: 'remote_write_dropped', pipeline: 'web', reason: 'queue_full', count: 14 })
    telemetry.emit({ type: 'remote_write_pending', pipeline: 'web', count: 3 })
    expect(await lines('tidegauge_remote_write_samples_total')).toEqual([
      'tidegauge_remote_write_samples_total{pipeline="web"} 7',
    ])
    expect(await lines('tidegauge_remote_write_samples_dropped_total{pipeline="web",reason="queue_full"}')).toEqual([
      'tidegauge_remote_write_samples_dropped_total{pipeline="web",reason="queue_full"} 14',
    ])
    expect(await lines('tidegauge_remote_write_pending_samples')).toEqual([
      'tidegauge_remote_write_pending_samples{pipeline="web"} 3',
    ])
    expect(await lines('tidegauge_remote_write_newest_timestamp_seconds')).toEqual([
      'tidegauge_remote_write_newest_timestamp_seconds{pipeline="web"} 60',
    ])
    expect(await lines('tidegauge_remote_write_request_duration_seconds_count')).toEqual([
      'tidegauge_remote_write_request_duration_seconds_count{pipeline="web",outcome="ok"} 1',
      'tidegauge_remote_write_request_duration_seconds_count{pipeline="web",outcome="retried"} 1',
      'tidegauge_remote_write_request_duration_seconds_count{pipeline="web",outcome="refused"} 0',
    ])
  })

  it('measures durations in seconds', async () => {
    const { telemetry, lines } = setUp()
    telemetry.emit({ type: 'step_finished', pipeline: 'web', durationMs: 30 })
    telemetry.emit({ type: 'commit_finished', pipeline: 'web', outcome: 'failed', records: 9, durationMs: 2_000 })
    telemetry.emit({ type: 'source_stalled', pipeline: 'web', reason: 'no_fetch', durationMs: 1_500 })
    expect(await lines('tidegauge_step_duration_seconds_sum')).toEqual([
      'tidegauge_step_duration_seconds_sum{pipeline="web"} 0.03',
    ])
    expect(await lines('tidegauge_step_duration_seconds_bucket{le="0.05"')).toEqual([
      'tidegauge_step_duration_seconds_bucket{le="0.05",pipeline="web"} 1',
    ])
    expect(await lines('tidegauge_commit_duration_seconds_sum')).toEqual([
      'tidegauge_commit_duration_seconds_sum{pipeline="web",outcome="failed"} 2',
    ])
    expect(await lines('tidegauge_records_committed_total')).toEqual([])
    expect(await lines('tidegauge_source_stalled_seconds_total')).toEqual([
      'tidegauge_source_stalled_seconds_total{pipeline="web",reason="no_fetch"} 1.5',
    ])
  })

  it('takes a revoked partition off every gauge', async () => {
    const { telemetry, lines } = setUp()
    telemetry.emit({ type: 'pipeline_configured', pipeline: 'web', alarms: [] })
    for (const partition of [3, 4]) {
      const task = { ...TASK, partition }
      telemetry.emit({ type: 'partition_assigned', ...task })
      telemetry.emit({ type: 'partition_progressed', ...task, lag: 12, watermarkMs: 60_000 })
      telemetry.emit({ type: 'series_counted', ...task, series: 5, bytes: 1_000 })
      telemetry.emit({
        type: 'checkpoint_written',
        ...task,
        outcome: 'ok',
        series: 5,
        bytes: 9,
        durationMs: 1,
        atMs: 5_000,
      })
    }
    telemetry.emit({ type: 'partition_revoked', ...TASK })
    expect(await lines('tidegauge_partitions_assigned')).toEqual(['tidegauge_partitions_assigned{pipeline="web"} 1'])
    expect(await lines('tidegauge_watermark_timestamp_seconds')).toEqual([
      'tidegauge_watermark_timestamp_seconds{pipeline="web",topic="metrics",partition="4"} 60',
    ])
    expect(await lines('tidegauge_checkpoint_timestamp_seconds')).toEqual([
      'tidegauge_checkpoint_timestamp_seconds{pipeline="web",topic="metrics",partition="4"} 5',
    ])
    expect((await lines('tidegauge_')).filter((line) => line.includes('partition="3"'))).toEqual([])
    expect((await lines('tidegauge_')).filter((line) => line.includes('partition="4"'))).toHaveLength(7)
  })

  it('shows no watermark before the first record, and keeps the last checkpoint when one fails', async () => {
    const { telemetry, lines } = setUp()
    telemetry.emit({ type: 'partition_progressed', ...TASK, lag: 0, watermarkMs: Number.NaN })
    const nothing = { series: 0, bytes: 0, durationMs: 0, atMs: 0 }
    telemetry.emit({ type: 'checkpoint_written', ...TASK, outcome: 'failed', ...nothing })
    expect(await lines('tidegauge_watermark')).toEqual([])
    expect(await lines('tidegauge_checkpoint_timestamp_seconds')).toEqual([])
    expect(await lines('tidegauge_checkpoints_total')).toEqual([
      'tidegauge_checkpoints_total{pipeline="web",outcome="failed"} 1',
    ])
  })

  it('counts what cannot be counted as an error, and throws nothing', async () => {
    const { telemetry, lines } = setUp()
    telemetry.emit({ type: 'source_stalled', pipeline: 'web', reason: 'no_fetch', durationMs: -5 })
    telemetry.emit({ type: 'dead_letters_written', pipeline: 'web', count: -1 })
    expect(await lines('tidegauge_errors_total{code="INTERNAL",component="telemetry"}')).toEqual([
      'tidegauge_errors_total{code="INTERNAL",component="telemetry"} 2',
    ])
  })
})
