import type { Feedback } from '../band/scored-point.ts'
import type { ModelRelease } from '../pipeline/detector/band-model.ts'
import type { BatchControl, FetchCommitted, RecordBatch, StartPosition, TopicPartition } from './ports.ts'

/** Runs one partition task, in this thread or in another one. */
export interface Loop {
  readonly partition: TopicPartition
  /** Takes the partition from its former owner and restores its state; gives the position to read from. */
  assigned(fetchCommitted: FetchCommitted): Promise<StartPosition>
  /** Steps a batch, committing as often as the options ask. */
  records(batch: RecordBatch, control: BatchControl): Promise<void>
  /** Asked to stop: the batch in hand ends after the slice under way, as the rest of it can be read again. */
  halt(): void
  /** Called every now and then, so that a partition at rest is committed and checkpointed too. */
  idle(control: BatchControl): Promise<void>
  /** Nothing has come for a while although all was read: event time goes on by the clock, as far as it is sure. */
  silent(control: BatchControl): Promise<void>
  /** Commits what was stepped, due or not. */
  flush(control: BatchControl): Promise<void>
  /** A checkpoint of now, durable and named when this resolves; the task goes on meanwhile. */
  checkpoint(control: BatchControl): Promise<void>
  /** Applies a person's verdict between two commits; false when the series is not known here. */
  feedback(seriesKey: string, feedback: Feedback, control: BatchControl): Promise<boolean>
  /** Makes a published model the task's, between two commits. */
  adopt(release: ModelRelease | undefined, control: BatchControl): Promise<void>
  /** Commits what is left and writes a last checkpoint, unless the partition is no longer ours. Called once. */
  revoked(control: BatchControl): Promise<void>
}

/** Where loops run is the wiring's business. */
export type OpenLoop = (partition: TopicPartition) => Loop
