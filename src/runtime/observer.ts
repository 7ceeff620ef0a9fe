import type { TidegaugeError } from '../core/errors.ts'
import type { StepOutput } from '../pipeline/step-output.ts'
import type { InputRecord, TopicPartition } from './ports.ts'
import type { PartitionState } from './views.ts'

/** What a partition loop tells of its life. One implementation turns it into telemetry and into what people look at. */
export interface PipelineObserver {
  partitionState(partition: TopicPartition, state: PartitionState): void
  restored(partition: TopicPartition, facts: { series: number; bytes: number; durationMs: number }): void
  replayed(partition: TopicPartition, records: number, output: StepOutput): void
  stepped(records: readonly InputRecord[], durationMs: number): void
  progressed(
    partition: TopicPartition,
    facts: { lag: number; position: bigint; watermarkMs: number; entities: number },
  ): void
  /** The results in `output` are durable and visible. */
  committed(partition: TopicPartition, output: StepOutput, durationMs: number): void
  commitFailed(partition: TopicPartition, error: TidegaugeError): void
  checkpointed(
    partition: TopicPartition,
    facts: { series: number; bytes: number; durationMs: number; atMs: number },
  ): void
  checkpointFailed(partition: TopicPartition, error: TidegaugeError): void
  closed(partition: TopicPartition): void
}
