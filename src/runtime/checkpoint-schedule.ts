import type { Clock } from '../core/clock.ts'
import { asTidegaugeError } from '../core/errors.ts'
import type { PipelineOptions } from '../pipeline/options.ts'
import type { PipelineObserver } from './observer.ts'
import type { CommittedOffset, TopicPartition } from './ports.ts'
import type { RestoredCheckpoint, TaskCheckpoints } from './task-checkpoints.ts'
import type { TaskStepper } from './task-stepper.ts'

/** Copies that a checkpoint under way may keep for what has changed meanwhile; beyond that the task waits for it. */
const COPIED_BYTES_MAX = 64 * 1024 * 1024

/** Partitions in turn get times of their own between two checkpoints of one, which are far apart for any number of them. */
const GOLDEN = (Math.sqrt(5) - 1) / 2

export interface ScheduleParts {
  readonly checkpoints: TaskCheckpoints
  readonly stepper: TaskStepper
  readonly clock: Clock
  readonly observer: PipelineObserver
  readonly intervalMs: number
}

/**
 * When a task's checkpoints are written. One begins only right after a commit, when the state is that of the committed
 * offset: nothing newer may be in it. One that fails costs a longer replay and nothing else, as the records are still in
 * the topic; so it is told, and the task goes on.
 */
export class CheckpointSchedule {
  readonly #partition: TopicPartition
  readonly #parts: ScheduleParts
  #lastMs: number
  #isStale = false
  /** The checkpoint under way. */
  #writing: Promise<void> | undefined
  /** The removal of what newer checkpoints have made useless. */
  #cleaning: Promise<void> = Promise.resolve()

  constructor(partition: TopicPartition, parts: ScheduleParts) {
    this.#partition = partition
    this.#parts = parts
    this.#lastMs = parts.clock.nowMs() - parts.intervalMs * ((partition.partition * GOLDEN) % 1)
  }

  /** A disk that cannot be read is no reason to stand still: the changelog has the state, or it is learned again. */
  async restore(
    pipeline: PipelineOptions,
    committed: CommittedOffset | undefined,
  ): Promise<RestoredCheckpoint | undefined> {
    const { checkpoints, observer } = this.#parts
    const { checkpoint, refused, diskFailure } = await checkpoints.restore(pipeline, committed)
    for (const { reason, detail } of refused) observer.checkpointRefused(this.#partition, reason, detail)
    if (diskFailure !== undefined) observer.checkpointFailed(this.#partition, diskFailure)
    return checkpoint
  }

  /** Something was stepped since the newest checkpoint, or that one has failed. */
  get isStale(): boolean {
    return this.#isStale
  }

  stepped(): void {
    this.#isStale = true
  }

  /** For the next commit's offset, which names by it what is whole. */
  get metadata(): string {
    return this.#parts.checkpoints.metadata
  }

  /** A whole checkpoint waits for a commit to name it. */
  get wantsCommit(): boolean {
    return this.#parts.checkpoints.wantsCommit
  }

  /** A commit with this metadata has gone through; gives the offset before which nobody will ever begin. */
  named(metadata: string): bigint {
    const { checkpoints } = this.#parts
    this.#cleaning = this.#reported(() => checkpoints.named(metadata))
    return checkpoints.restoresFrom ?? 0n
  }

  beginIfDue(committed: bigint | undefined): void {
    const nowMs = this.#parts.clock.nowMs()
    if (nowMs - this.#lastMs < this.#parts.intervalMs) return
    this.#lastMs = nowMs
    this.begin(committed)
  }

  /** The task goes on while it is written. */
  begin(committed: bigint | undefined): void {
    if (this.#writing !== undefined || !this.#isStale) return
    if (committed === undefined || committed !== this.#parts.stepper.position) return
    this.#writing = this.#write(committed).finally(() => {
      this.#writing = undefined
    })
  }

  /** Resolves when none is under way. */
  async written(): Promise<void> {
    await this.#writing
  }

  /** Resolves when the copies made for the one under way are few enough. */
  async room(): Promise<void> {
    if (this.#parts.checkpoints.copiedBytes > COPIED_BYTES_MAX) await this.#writing
  }

  /** The state as it is now; a commit has to name it. False when it is not that of the committed offset. */
  async write(committed: bigint | undefined): Promise<boolean> {
    await this.#writing
    if (committed === undefined || committed !== this.#parts.stepper.position) return false
    await this.#write(committed)
    return true
  }

  async #write(offset: bigint): Promise<void> {
    const { checkpoints, stepper, clock, observer } = this.#parts
    const startedMs = clock.nowMs()
    this.#isStale = false
    await this.#reported(async () => {
      const written = await checkpoints.write(stepper.task, offset)
      if (written === undefined) return
      const { bytes, series, diskFailure } = written
      const atMs = clock.nowMs()
      observer.checkpointed(this.#partition, { bytes, series, durationMs: atMs - startedMs, atMs })
      if (diskFailure !== undefined) observer.checkpointFailed(this.#partition, diskFailure)
    })
  }

  async #reported(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (thrown) {
      this.#isStale = true
      this.#parts.observer.checkpointFailed(this.#partition, asTidegaugeError(thrown))
    }
  }

  /** Resolves when what the newest commit has made useless is gone. */
  async cleaned(): Promise<void> {
    await this.#cleaning
  }

  /** What is being written is given up. */
  abandon(): void {
    this.#parts.checkpoints.abandon()
  }
}
