import { silentLogger } from '../../src/runtime/logger.ts'
import type { OpenLoop } from '../../src/runtime/loop.ts'
import type { LoopOptions } from '../../src/runtime/partition-loop.ts'
import { PipelineRunner } from '../../src/runtime/pipeline-runner.ts'
import type { RecordSource } from '../../src/runtime/ports.ts'

/** A runner whose partitions at rest are left alone: tests say when something happens. */
export function runnerOn(source: RecordSource, openLoop: OpenLoop): PipelineRunner {
  const options = { sourceTopics: ['in'], commitIntervalMs: 1_000, silenceMs: undefined }
  const clock = { nowMs: () => 0 }
  return new PipelineRunner(options, { source, openLoop, clock, logger: silentLogger, every: () => () => {} })
}

/** Options of a loop that reads from the beginning, of one group, and writes to the usual three topics. */
export function loopOptions(changes: Pick<LoopOptions, 'pipeline'> & Partial<LoopOptions>): LoopOptions {
  return {
    topics: { scores: 'scores', alarms: 'alarms', deadLetter: 'dead' },
    group: 'g',
    fingerprint: 1,
    start: { kind: 'earliest' },
    commitIntervalMs: 1_000,
    commitRecords: 1_000,
    checkpointIntervalMs: 60_000,
    ...changes,
  }
}
