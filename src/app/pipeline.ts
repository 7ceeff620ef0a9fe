import type { PipelineConfig } from '../config/schema/pipeline.ts'
import { seedOf } from '../core/hash.ts'
import type { ModelRelease } from '../pipeline/detector/band-model.ts'
import type { DetectorOptions } from '../pipeline/detector/options.ts'
import type { PipelineOptions } from '../pipeline/options.ts'
import type { PartitionTask } from '../pipeline/partition-task.ts'
import type { CheckpointStore } from '../runtime/checkpoint.ts'
import type { Logger } from '../runtime/logger.ts'
import type { PipelineMonitor } from '../runtime/pipeline-monitor.ts'
import { PipelineRunner } from '../runtime/pipeline-runner.ts'
import type { RecordSource, SinkFactory, StartPosition } from '../runtime/ports.ts'
import { timerSleep } from '../runtime/retry.ts'
import { every, systemClock } from './system.ts'

interface RunnerParts {
  readonly source: RecordSource
  readonly sinks: SinkFactory
  readonly checkpoints: CheckpointStore
  readonly monitor: PipelineMonitor
  readonly logger: Logger
  readonly activeModel: () => ModelRelease | undefined
  readonly forecastDue: (task: PartitionTask) => void
}

/** One pipeline, from its file to the loops that run it. */
export function createRunner(config: PipelineConfig, options: PipelineOptions, parts: RunnerParts): PipelineRunner {
  const { scores, alarms, deadLetter } = config.sinks
  return new PipelineRunner(
    {
      pipeline: options,
      topics: {
        scores: scores.enabled ? scores.topic : undefined,
        alarms: alarms.topic,
        deadLetter: deadLetter.enabled ? deadLetter.topic : undefined,
      },
      group: config.source.kafka.group,
      sourceTopics: config.source.kafka.topics,
      fingerprint: fingerprintOf(options),
      start: startOf(config),
      commitIntervalMs: config.commit.interval,
      commitRecords: config.commit.records,
      checkpointIntervalMs: config.checkpoint.interval,
    },
    { ...parts, observer: parts.monitor, clock: systemClock, sleep: timerSleep, every },
  )
}

/** What gives learned state its meaning: a checkpoint that was made under another value of it is not used. */
function fingerprintOf({ name, window, join, select, detector }: PipelineOptions): number {
  const { periodMs, statistic, missing, counter } = window
  const meaning = [periodMs, statistic, missing, counter, join, select.dropLabels, detector && modelOf(detector)]
  return seedOf(name, JSON.stringify(meaning.map((part) => part ?? null)))
}

/** What shapes the learned state; how a score is judged may be changed without learning anew. */
function modelOf(detector: DetectorOptions): Partial<DetectorOptions> {
  const {
    threshold: _,
    levelShift: __,
    direction: ___,
    ignore: ____,
    band: _____,
    forecast: ______,
    ...model
  } = detector
  return model
}

function startOf({ source }: PipelineConfig): StartPosition {
  const { from } = source.kafka
  if (from.kind !== 'rewind') return from
  return { kind: 'time', timestampMs: systemClock.nowMs() - from.durationMs }
}
