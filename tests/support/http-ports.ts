import type { HttpPorts } from '../../src/adapters/http/server.ts'
import type { AlarmState } from '../../src/alarm/state.ts'
import { makeSeries } from '../../src/core/series.ts'
import { AlarmBoard } from '../../src/runtime/alarm-board.ts'
import { SeriesBoard, seriesIdOf } from '../../src/runtime/series-board.ts'
import type { HealthProblem, PipelineStatus } from '../../src/runtime/views.ts'
import { madeAlarm, madePoint } from './made-points.ts'
import { RecordingLogger } from './recording-logger.ts'
import { RecordingTelemetry } from './recording-telemetry.ts'

export const STATUS: PipelineStatus = {
  name: 'web',
  state: 'running',
  source: 'kafka topic metrics',
  period: '1m',
  lag: 3,
  series: 2,
  training: { PENDING_TRAINING: 1, TRAINED_INSUFFICIENT_DATA: 0, TRAINED: 1 },
  alarms: { OK: 1, ALARM: 1, INSUFFICIENT_DATA: 0 },
  partitions: [
    {
      topic: 'metrics',
      partition: 0,
      state: 'running',
      position: '9007199254740993',
      lag: 3,
      watermarkMs: 60_000,
      checkpointedAtMs: null,
      series: 2,
    },
  ],
  error: null,
}

/** Real boards with a pipeline `web`, and ports about them that a test may replace. */
export function httpPorts(over: Partial<HttpPorts> = {}) {
  const alarms = new AlarmBoard(100)
  const board = new SeriesBoard({ nowMs: () => 1_000_000 }, alarms)
  board.addPipeline('web', { seriesMax: 100, pointsPerSeries: 50, staleAfterMs: 60_000 })
  const logger = new RecordingLogger()
  const telemetry = new RecordingTelemetry()
  const problems: HealthProblem[] = []
  const ports: HttpPorts = {
    metrics: { scrape: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'up 1\n' }) },
    health: { live: () => [], ready: () => problems },
    series: board,
    alarms,
    pipelines: { listPipelines: () => [STATUS] },
    logger,
    telemetry,
    ...over,
  }
  const publish = (host: string, count: number, grade = 0) => {
    const series = makeSeries('cpu', { host })
    for (let i = 1; i <= count; i++)
      board.publish('web', [{ series, point: madePoint({ timestampMs: i * 60_000, value: i, grade }) }])
    return seriesIdOf('web', series.key)
  }
  const setAlarm = (host: string, state: AlarmState, sinceMs: number) => {
    const { key, labels } = makeSeries('cpu', { host })
    alarms.set(
      { pipeline: 'web', seriesId: seriesIdOf('web', key), seriesKey: key, labels },
      madeAlarm({ state, sinceMs }),
    )
  }
  return { ports, board, logger, telemetry, problems, publish, setAlarm }
}
