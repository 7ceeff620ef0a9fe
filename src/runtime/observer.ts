import type { TidegaugeError } from '../core/errors.ts'
import type { RefusedModel } from '../pipeline/detector/band-model.ts'
import type { CheckpointRefusal } from './checkpoint-refusal.ts'
import type { TopicPartition } from './ports.ts'
import type { ModelFacts, RestoredAlarm, StepReport, TaskFacts } from './step-report.ts'
import type { PartitionState } from './views.ts'

/**
 * What a partition loop tells of its life, as plain data: the loop may run in a thread of its own. One implementation
 * turns it into telemetry and into what people look at.
 */
export interface PipelineObserver {
  partitionState(partition: TopicPartition, state: PartitionState): void
  restored(
    partition: TopicPartition,
    facts: { series: number; offset: bigint; bytes: number; durationMs: number },
    alarms: readonly RestoredAlarm[],
  ): void
  checkpointRefused(partition: TopicPartition, reason: CheckpointRefusal, detail: string): void
  /** Stepped without effect, up to the committed offset. */
  replayed(partition: TopicPartition, report: StepReport): void
  stepped(partition: TopicPartition, facts: { records: number; bytes: number; durationMs: number }): void
  progressed(
    partition: TopicPartition,
    facts: { lag: number; position: bigint; series: number; watermarkMs: number },
  ): void
  /** What the report tells of is durable and visible. */
  committed(partition: TopicPartition, task: TaskFacts, report: StepReport, durationMs: number): void
  commitFailed(partition: TopicPartition, error: TidegaugeError): void
  checkpointed(
    partition: TopicPartition,
    facts: { series: number; bytes: number; durationMs: number; atMs: number },
  ): void
  checkpointFailed(partition: TopicPartition, error: TidegaugeError): void
  /** The task's bands come from this model from now on, or, without one, from the baselines. */
  modelInUse(partition: TopicPartition, model: ModelFacts): void
  /** A published model is not used; the one in use stays. */
  modelRefused(partition: TopicPartition, refusal: RefusedModel): void
  /** `removed` are the keys of the series that went with it. */
  closed(partition: TopicPartition, removed: readonly string[]): void
}
