import { parseArgs } from 'node:util'
import { startProgress } from '../../src/cli/progress.ts'
import { DETECTOR_DEFAULTS } from '../../src/pipeline/detector/options.ts'
import type { TaskRecord } from '../../src/pipeline/partition-task.ts'
import { PartitionTask } from '../../src/pipeline/partition-task.ts'
import { StepOutput } from '../../src/pipeline/step-output.ts'
import { WINDOW_DEFAULTS } from '../../src/window/options.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../support/pipeline-options.ts'
import { type Memory, memoryLine, memoryNow } from './memory.support.ts'

const STEP_RECORDS = 500
const FROM_MS = Date.parse('2026-03-02T00:00:00Z')

export interface FloodFigures {
  readonly series: number
  readonly limit: number
  readonly kept: number
  readonly created: number
  readonly refused: number
  readonly evicted: number
  /** By how many distinct series had come. */
  readonly memory: Readonly<Record<string, Memory>>
  readonly recordsPerSecond: number
}

/**
 * Memory under a label explosion: so many distinct series, one sample each, at a limit that lets a small part of them
 * in. Flat means: at the end as much as when the table had just become full.
 *
 *   --series N (1000000)   --limit N (20000)   --period N   series that come in one minute of event time (50000)
 *   --detector             with a forest for each series that is let in
 */
export async function bench(args: readonly string[]): Promise<FloodFigures> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      series: { type: 'string', default: '1000000' },
      limit: { type: 'string', default: '20000' },
      period: { type: 'string', default: '50000' },
      detector: { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
  })
  const [series, limit, perMinute] = [Number(values.series), Number(values.limit), Number(values.period)]
  const task = new PartitionTask(
    pipelineOptions({
      series: { limit, onLimit: 'evict' },
      window: { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, latenessMs: 0 },
      detector: values.detector ? { ...DETECTOR_DEFAULTS, trees: 5, sampleSize: 32 } : undefined,
      alarms: [thresholdAlarm('high', 1e12)],
    }),
  )
  const memory: Record<string, Memory> = { 0: memoryNow() }
  const counts = { created: 0, refused: 0, evicted: 0 }
  const started = performance.now()
  const progress = startProgress(series, 'series')
  for (let from = 0; from < series; from += STEP_RECORDS) {
    const out = new StepOutput()
    task.step(records(from, Math.min(series, from + STEP_RECORDS), perMinute), out)
    counts.created += out.series.created
    counts.refused += out.series.refused
    counts.evicted += out.series.evicted
    const seen = Math.min(series, from + STEP_RECORDS)
    progress.advance('', seen - from)
    if (seen % Math.ceil(series / 10) !== 0) continue
    memory[seen] = memoryNow()
    const line = `${memoryLine(memory[seen])} after ${seen} distinct series, ${task.entityCount} kept\n`
    progress.write(line, process.stdout)
  }
  progress.stop()
  const recordsPerSecond = Math.round(series / ((performance.now() - started) / 1_000))
  return { series, limit, kept: task.entityCount, ...counts, memory, recordsPerSecond }
}

function* records(from: number, to: number, perMinute: number): Generator<TaskRecord> {
  for (let i = from; i < to; i++) {
    const timestampMs = FROM_MS + Math.floor((i / perMinute) * MINUTE_MS)
    const labels = { request_id: `request-${i}`, host: `host-${i % 500}` }
    yield { offset: BigInt(i), timestampMs, value: jsonSample('http_requests', labels, timestampMs, i) }
  }
}
