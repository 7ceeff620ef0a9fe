import type { TidegaugeError } from '../core/errors.ts'
import type { RefusedModel } from '../pipeline/detector/band-model.ts'
import type { PartitionTask } from '../pipeline/partition-task.ts'
import type { StepOutput } from '../pipeline/step-output.ts'
import type { CheckpointRefusal } from './checkpoint.ts'
import type { InputRecord, TopicPartition } from './ports.ts'
import type { PartitionState } from './views.ts'

/** What a partition loop tells of its life. One implementation turns it into telemetry and into what people look at. */
export interface PipelineObserver {
  partitionState(partition: TopicPartition, state: PartitionState): void
  restored(
    partition: TopicPartition,
    task: PartitionTask,
    facts: { offset: bigint; bytes: number; durationMs: number },
  ): void
  checkpointRefused(partition: TopicPartition, reason: CheckpointRefusal, detail: string): void
  replayed(partition: TopicPartition, records: number, output: StepOutput): void
  stepped(partition: TopicPartition, records: readonly InputRecord[], durationMs: number): void
  progressed(partition: TopicPartition, task: PartitionTask, facts: { lag: number; position: bigint }): void
  /** The results in `output` are durable and visible. */
  committed(partition: TopicPartition, task: PartitionTask, output: StepOutput, durationMs: number): void
  commitFailed(partition: TopicPartition, error: TidegaugeError): void
  checkpointed(
    partition: TopicPartition,
    facts: { series: number; bytes: number; durationMs: number; atMs: number },
  ): void
  checkpointFailed(partition: TopicPartition, error: TidegaugeError): void
  /** The task's bands come from its model from now on, or, without one, from the baselines. */
  modelInUse(partition: TopicPartition, task: PartitionTask): void
  /** A published model is not used; the one in use stays. */
  modelRefused(partition: TopicPartition, refusal: RefusedModel): void
  closed(partition: TopicPartition): void
}
