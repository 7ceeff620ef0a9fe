import type { PipelineConfig } from '../config/schema/pipeline.ts'
import { seedOf } from '../core/hash.ts'
import type { DetectorOptions } from '../pipeline/detector/options.ts'
import type { PipelineOptions } from '../pipeline/options.ts'
import type { Logger } from '../runtime/logger.ts'
import type { OpenLoop } from '../runtime/loop.ts'
import type { LoopOptions } from '../runtime/partition-loop.ts'
import { PipelineRunner } from '../runtime/pipeline-runner.ts'
import type { RecordSource, StartPosition } from '../runtime/ports.ts'
import { every, systemClock } from './system.ts'

const SILENT_PERIODS = 3
const SILENCE_MS_MIN = 60_000

interface RunnerParts {
  readonly source: RecordSource
  readonly openLoop: OpenLoop
  readonly logger: Logger
}

/** One pipeline, from its file to what runs its loops. */
export function createRunner(config: PipelineConfig, parts: RunnerParts): PipelineRunner {
  const { topics: sourceTopics } = config.source.kafka
  const options = { sourceTopics, commitIntervalMs: config.commit.interval, silenceMs: silenceOf(config) }
  return new PipelineRunner(options, { ...parts, clock: systemClock, every })
}

/** What every loop of a pipeline is made with: plain data, which may go to another thread. */
export function loopOptionsOf(config: PipelineConfig, options: PipelineOptions): LoopOptions {
  const { scores, alarms, deadLetter } = config.sinks
  return {
    pipeline: options,
    topics: {
      scores: scores.enabled ? scores.topic : undefined,
      alarms: alarms.topic,
      deadLetter: deadLetter.enabled ? deadLetter.topic : undefined,
    },
    group: config.source.kafka.group,
    fingerprint: fingerprintOf(options),
    start: startOf(config),
    commitIntervalMs: config.commit.interval,
    commitRecords: config.commit.records,
    checkpointIntervalMs: config.checkpoint.interval,
    ...(config.checkpoint.changelog.enabled && { changelogTopic: config.checkpoint.changelog.topic }),
    silenceMs: silenceOf(config),
    forecastSeriesLimit: config.forecast?.seriesLimit ?? 0,
  }
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

/** How long a partition says nothing before its time goes on by the clock. */
function silenceOf({ period }: PipelineConfig): number | undefined {
  if (period.silence === 'off') return undefined
  return period.silence ?? Math.max(SILENT_PERIODS * period.length, SILENCE_MS_MIN)
}

/** Where a group without committed offsets begins, as the pipeline file says. */
export function startOf({ source }: PipelineConfig): StartPosition {
  const { from } = source.kafka
  if (from.kind !== 'rewind') return from
  return { kind: 'time', timestampMs: systemClock.nowMs() - from.durationMs }
}
