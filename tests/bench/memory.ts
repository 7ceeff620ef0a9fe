import { parseArgs } from 'node:util'
import { startProgress } from '../../src/cli/progress.ts'
import { DETECTOR_DEFAULTS } from '../../src/pipeline/detector/options.ts'
import { PartitionTask, type TaskRecord } from '../../src/pipeline/partition-task.ts'
import { StepOutput } from '../../src/pipeline/step-output.ts'
import { WINDOW_DEFAULTS } from '../../src/window/options.ts'
import { jsonSample, MINUTE_MS, pipelineOptions } from '../support/pipeline-options.ts'
import { type Memory, memoryLine, memoryNow } from './memory.support.ts'

const FROM_MS = Date.parse('2026-03-02T00:00:00Z')

export interface MemoryFigures {
  readonly series: number
  /** By the periods that every series had seen by then. */
  readonly memory: Readonly<Record<string, Memory>>
  /** Resident bytes of one series, beyond what the process held before. */
  readonly bytesPerSeries: Readonly<Record<string, number>>
  /** Points scored in a second of CPU, all periods but the first; collections that the measurement asks for included. */
  readonly pointsPerCpuSecond: number
}

/**
 * What one series holds, by its age: a partition task with the shipped detector, one sample a series and period, without
 * broker, boards and checkpoints.
 *
 *   --series N (2000)   --periods P,P   ages at which memory is taken (1,12,20,60,300)
 */
export async function bench(args: readonly string[]): Promise<MemoryFigures> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      series: { type: 'string', default: '2000' },
      periods: { type: 'string', default: '1,12,20,60,300' },
      json: { type: 'boolean' },
    },
  })
  const series = Number(values.series)
  const ages = values.periods.split(',').map(Number)
  const window = { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, latenessMs: 0 }
  const options = { series: { limit: series, onLimit: 'refuse' } as const, window, detector: DETECTOR_DEFAULTS }
  const task = new PartitionTask(pipelineOptions(options))
  const before = memoryNow()
  const memory: Record<string, Memory> = { 0: before }
  const bytesPerSeries: Record<string, number> = {}
  let cpuMicros = 0
  const last = Math.max(...ages)
  const progress = startProgress(last + 1, 'periods')
  for (let period = 0; period <= last; period++) {
    const records = [...periodOf(series, period)]
    const started = process.cpuUsage()
    task.step(records, new StepOutput())
    const { user, system } = process.cpuUsage(started)
    if (period > 1) cpuMicros += user + system
    progress.advance('')
    if (!ages.includes(period)) continue
    const now = memoryNow()
    memory[period] = now
    bytesPerSeries[period] = Math.round(((now.rss - before.rss) * 1024 * 1024) / series)
    const line = `${memoryLine(now)} after ${period} periods: ${bytesPerSeries[period]} bytes a series\n`
    progress.write(line, process.stdout)
  }
  progress.stop()
  const pointsPerCpuSecond = Math.round((series * (last - 1)) / (cpuMicros / 1e6))
  process.stdout.write(`${pointsPerCpuSecond} points per CPU second\n`)
  task.dispose()
  return { series, memory, bytesPerSeries, pointsPerCpuSecond }
}

function* periodOf(series: number, period: number): Generator<TaskRecord> {
  const timestampMs = FROM_MS + period * MINUTE_MS
  for (let i = 0; i < series; i++) {
    const labels = { host: `host-${i}`, service: `service-${i % 20}` }
    // Noise without a generator: what a value is makes no difference here, but that it is new does.
    const value = 100 + 20 * Math.sin(period / 30 + i) + (((i * 7919 + period * 104_729) % 1_000) / 1_000) * 5
    yield { offset: BigInt(period * series + i), timestampMs, value: jsonSample('cpu', labels, timestampMs, value) }
  }
}
