import { describe, expect, it } from 'vitest'
import { TidegaugeError } from '../../../src/core/errors.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import { AlarmBoard } from '../../../src/runtime/alarm-board.ts'
import { ConditionLog } from '../../../src/runtime/condition-log.ts'
import { PipelineMonitor } from '../../../src/runtime/pipeline-monitor.ts'
import { SeriesBoard } from '../../../src/runtime/series-board.ts'
import { reportOf } from '../../../src/runtime/step-report.ts'
import { pipelineOptions } from '../../support/pipeline-options.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { RecordingTelemetry } from '../../support/recording-telemetry.ts'

const AT = { topic: 'metrics', partition: 0 }
const TASK = { series: 1, bytes: 0, watermarkMs: Number.NEGATIVE_INFINITY }

function setUp() {
  const clock = { nowMs: () => 0 }
  const logger = new RecordingLogger()
  const telemetry = new RecordingTelemetry()
  const alarms = new AlarmBoard(10)
  const monitor = new PipelineMonitor(pipelineOptions(), 'kafka metrics', {
    telemetry,
    logger,
    conditions: new ConditionLog(logger, clock),
    series: new SeriesBoard(clock, alarms),
    alarms,
  })
  monitor.pipelineState('running')
  return { monitor, logger, telemetry }
}

/** A report of samples without keys. */
function unkeyed(samples: number) {
  const output = new StepOutput()
  output.placement.unkeyed = samples
  return reportOf(output)
}

describe('PipelineMonitor', () => {
  it('is not ready while a partition cannot be taken up, and says why', () => {
    const { monitor } = setUp()
    monitor.notTaken(AT, new TidegaugeError('STORAGE_FAILED', 'no such device', { where: '/state' }))
    expect(monitor.problems()).toEqual([
      {
        reason: 'partition_not_taken',
        pipeline: 'test',
        detail: 'metrics-0 cannot be taken up: /state: no such device',
      },
    ])
    monitor.notTaken(AT, undefined)
    expect(monitor.problems()).toEqual([])
  })

  it('shows the lag that the broker confirms, of a partition that is not fetched, too', () => {
    const { monitor, telemetry } = setUp()
    monitor.progressed(AT, { lag: 3, position: 100n, series: 1, watermarkMs: 60_000 })
    monitor.measured({ topic: 'metrics', partitions: 2, held: new Map([[0, { done: 100n, end: 250n }]]) })
    expect(monitor.status()).toMatchObject({ lag: 150, partitions: [{ lag: 150, position: '100' }] })
    expect(telemetry.of('partition_progressed').at(-1)).toMatchObject({ lag: 150, watermarkMs: 60_000 })
  })

  it('warns once of series out of place, counts on, and stays ready', () => {
    const { monitor, logger, telemetry } = setUp()
    monitor.measured({ topic: 'metrics', partitions: 2, held: new Map() })
    for (let i = 0; i < 3; i++) monitor.committed(AT, TASK, unkeyed(5), 1)
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
    expect(logger.lines[0]?.message).toMatch(/^5 of 5 samples came without a key/)
    const found = telemetry.of('placement_found')
    expect(found.map(({ reason, count }) => `${reason} ${count}`)).toEqual([
      'key_missing 5',
      'key_missing 10',
      'key_missing 15',
    ])
    expect(monitor.warnings()).toMatchObject([{ reason: 'series_misplaced', pipeline: 'test' }])
    expect(monitor.warnings()[0]?.detail).toContain('15 of 15 samples')
    expect(monitor.problems()).toEqual([])
  })
})
