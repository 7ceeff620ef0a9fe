import type { Feedback } from '../band/scored-point.ts'
import type { Clock } from '../core/clock.ts'
import type { ModelRelease } from '../pipeline/detector/band-model.ts'
import type { PipelineOptions } from '../pipeline/options.ts'
import { StepOutput } from '../pipeline/step-output.ts'
import type { CheckpointStore } from './checkpoint.ts'
import { CheckpointSchedule } from './checkpoint-schedule.ts'
import { type DueForecasts, dueForecastsOf } from './due-forecasts.ts'
import type { Logger } from './logger.ts'
import type { Loop } from './loop.ts'
import { Mutex } from './mutex.ts'
import type { PipelineObserver } from './observer.ts'
import type { TopicNames } from './output-records.ts'
import { toOutputRecords } from './output-records.ts'
import { partitionName } from './partition-name.ts'
import type {
  BatchControl,
  FetchCommitted,
  InputRecord,
  RecordBatch,
  SinkFactory,
  StartPosition,
  TopicPartition,
} from './ports.ts'
import { factsOf, modelFactsOf, reportOf, restoredAlarmsOf } from './step-report.ts'
import { TaskCommitter } from './task-committer.ts'
import { TaskStepper } from './task-stepper.ts'

/** Records stepped between two heartbeats. */
const SLICE_RECORDS = 500

export interface LoopOptions {
  readonly pipeline: PipelineOptions
  readonly topics: TopicNames
  /** Consumer group whose offsets are committed. */
  readonly group: string
  /** Hash of the options that give the state its meaning: a checkpoint of another one is not used. */
  readonly fingerprint: number
  /** Where a partition without a committed offset begins, and how far back to learn when state is lost. */
  readonly start: StartPosition
  readonly commitIntervalMs: number
  readonly commitRecords: number
  readonly checkpointIntervalMs: number
  /** The topic that checkpoints are written to besides the disk, if any. */
  readonly changelogTopic?: string
  /** A partition that says nothing for so long has its time moved by the clock; undefined: never. */
  readonly silenceMs?: number | undefined
  /** Series of a partition whose histories are handed over when forecasts are due (0). */
  readonly forecastSeriesLimit?: number
}

export interface LoopPorts {
  readonly sinks: SinkFactory
  readonly checkpoints: CheckpointStore
  readonly clock: Clock
  readonly logger: Logger
  readonly observer: PipelineObserver
  readonly sleep: (durationMs: number) => Promise<void>
  /** Told, after a commit, that forecasts over several periods are due. */
  readonly forecastDue?: (due: DueForecasts) => void
  /** The model that is active now, for a task that begins without any state. */
  readonly activeModel?: () => ModelRelease | undefined
}

/**
 * Runs one partition task: restores it, steps it, and commits its results with the consumer's offset in one
 * transaction.
 *
 *   assigned -> restoring -> replaying (quiet, up to the committed offset) -> running -> revoked
 *                                                                             running -> failed (fenced)
 *
 * Results become visible only by a commit, and a commit carries the offset after the last record that caused them; so
 * whatever is lost in a crash is computed again from the same state and the same records, bit for bit.
 */
export class PartitionLoop implements Loop {
  readonly partition: TopicPartition
  readonly #options: LoopOptions
  readonly #ports: LoopPorts
  readonly #mutex = new Mutex()
  readonly #name: string
  readonly #committer: TaskCommitter
  readonly #checkpoints: CheckpointSchedule
  readonly #stepper: TaskStepper
  #committed: bigint | undefined
  #lastCommitMs: number
  #beganMs = 0
  /** Of the newest model that did not fit: it is not tried again and again. */
  #refusedVersion: number | undefined
  #halted = false
  #closed = false
  /** Of the newest batch: after a revocation, nothing may be committed on any other occasion either. */
  #newest: BatchControl | undefined

  constructor(partition: TopicPartition, options: LoopOptions, ports: LoopPorts) {
    this.partition = partition
    this.#options = options
    this.#ports = ports
    this.#name = `${options.pipeline.name}/${partitionName(partition)}`
    this.#committer = new TaskCommitter(
      `tidegauge.${options.pipeline.name}.${partition.topic}.${partition.partition}`,
      options.group,
      { ...ports, onFailure: (error) => ports.observer.commitFailed(partition, error) },
    )
    const { changelogTopic, fingerprint, checkpointIntervalMs: intervalMs } = options
    const changelog = changelogTopic && { topic: changelogTopic, partition: partition.partition }
    const checkpoints = ports.checkpoints.of(this.#name, { fingerprint, ...(changelog && { changelog }) })
    this.#stepper = new TaskStepper(partition, options, ports)
    this.#checkpoints = new CheckpointSchedule(partition, { ...ports, checkpoints, stepper: this.#stepper, intervalMs })
    this.#lastCommitMs = ports.clock.nowMs()
  }

  /** Opens the sink (which fences a former owner), then restores; gives the position to read from. */
  async assigned(fetchCommitted: FetchCommitted): Promise<StartPosition> {
    this.#ports.observer.partitionState(this.partition, 'restoring')
    const committed = await this.#committer.take(fetchCommitted)
    this.#committed = committed?.offset
    const startedMs = this.#ports.clock.nowMs()
    const checkpoint = await this.#checkpoints.restore(this.#options.pipeline, committed)
    if (checkpoint !== undefined) {
      const { task, offset, bytes, from } = checkpoint
      this.#stepper.restore(task, offset)
      const durationMs = this.#ports.clock.nowMs() - startedMs
      const facts = { series: task.entityCount, offset, bytes, durationMs }
      this.#ports.observer.restored(this.partition, facts, restoredAlarmsOf(task))
      this.#ports.logger.info('state restored', { task: this.#name, from, ...facts, offset: String(offset) })
    } else {
      // A task that begins with nothing begins with the active model; one with state has the model that is part of it.
      this.#takeModel(this.#ports.activeModel?.())
    }
    this.#ports.observer.modelInUse(this.partition, modelFactsOf(this.#stepper.task))
    this.#stepper.begin(committed)
    this.#beganMs = this.#ports.clock.nowMs()
    return this.#startPosition(committed?.offset)
  }

  #startPosition(committed: bigint | undefined): StartPosition {
    const { position, isReplaying } = this.#stepper
    this.#ports.observer.partitionState(this.partition, isReplaying ? 'replaying' : 'running')
    if (position !== undefined) return { kind: 'offset', offset: position }
    if (committed === undefined) return this.#options.start
    this.#ports.logger.warn('no usable checkpoint: learning again from the topic', {
      task: this.#name,
      committed: String(committed),
      from: this.#options.start.kind,
    })
    // 'latest' would learn nothing and skip what came meanwhile: go on from the commit, with nothing learned.
    return this.#options.start.kind === 'latest' ? { kind: 'offset', offset: committed } : this.#options.start
  }

  /** Steps a batch, committing as often as the options ask. */
  records(batch: RecordBatch, control: BatchControl): Promise<void> {
    return this.#mutex.run(async () => {
      this.#newest = control
      const { records } = batch
      for (let from = 0; from < records.length && this.#mayWork(control) && !this.#halted; from += SLICE_RECORDS) {
        this.#step(records.slice(from, from + SLICE_RECORDS))
        const { position = 0n, task } = this.#stepper
        const { entityCount: series, closedThroughMs: watermarkMs } = task
        const lag = Number(batch.endOffset - position)
        this.#ports.observer.progressed(this.partition, { lag, position, series, watermarkMs })
        await control.heartbeat()
        await this.#checkpoints.room()
        if (this.#commitDue()) await this.#commit(control)
      }
    })
  }

  #step(records: readonly InputRecord[]): void {
    const wasReplaying = this.#stepper.isReplaying
    this.#checkpoints.stepped()
    this.#stepper.step(records)
    if (wasReplaying && !this.#stepper.isReplaying) this.#log('caught up with what was committed', this.#beganMs)
  }

  #log(message: string, sinceMs: number): void {
    this.#ports.logger.info(message, { task: this.#name, durationMs: this.#ports.clock.nowMs() - sinceMs })
  }

  /** Asked to stop: the batch in hand ends after the slice under way, as the rest of it can be read again. */
  halt(): void {
    this.#halted = true
  }

  #mayWork(control: BatchControl): boolean {
    return !this.#closed && !this.#stepper.isBroken && this.#isCurrent(control)
  }

  #isCurrent(control: BatchControl): boolean {
    return control.isCurrent() && this.#newest?.isCurrent() !== false
  }

  #commitDue(): boolean {
    return (
      this.#stepper.output.records >= this.#options.commitRecords ||
      this.#ports.clock.nowMs() - this.#lastCommitMs >= this.#options.commitIntervalMs
    )
  }

  /** Called every now and then by the runner, so that a partition at rest is committed and checkpointed too. */
  idle(control: BatchControl): Promise<void> {
    return this.#mutex.run(async () => {
      if (!this.#mayWork(control)) return
      if (this.#commitDue()) await this.#commit(control)
      this.#checkpoints.beginIfDue(this.#committed)
    })
  }

  /**
   * Nothing has come for a while although all was read: event time goes on by the clock, as far as it has certainly
   * passed. What that closes is committed with the tick itself, kept beside the offset that it came at.
   */
  silent(control: BatchControl): Promise<void> {
    return this.#mutex.run(async () => {
      if (!this.#mayWork(control) || this.#halted) return
      await this.#commit(control)
      if (this.#stepper.silence.isCrowded) await this.#checkpointNow(control)
      if (this.#stepper.silence.isCrowded || !this.#stepper.tick()) return
      this.#checkpoints.stepped()
      await this.#commit(control, true)
    })
  }

  /** Commits what was stepped, due or not. */
  flush(control: BatchControl): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#mayWork(control)) await this.#commit(control)
    })
  }

  /** The task goes on while it is written. */
  async checkpoint(control: BatchControl): Promise<void> {
    await this.#mutex.run(async () => {
      if (!this.#mayWork(control)) return
      await this.#commit(control)
      this.#checkpoints.begin(this.#committed)
    })
    await this.#checkpoints.written()
    await this.flush(control)
  }

  /**
   * A person's verdict, applied between two commits: what came before it is committed first, and the state with it is
   * checkpointed before anything after it can be. So after a crash it has either happened at this offset or not at all
   * (and whoever gave it was not told that it had). False when the series is not known here.
   */
  feedback(seriesKey: string, feedback: Feedback, control: BatchControl): Promise<boolean> {
    return this.#mutex.run(async () => {
      if (!this.#mayWork(control)) return false
      await this.#commit(control)
      if (!this.#stepper.task.feedback(seriesKey, feedback)) return false
      await this.#checkpointNow(control)
      return true
    })
  }

  /**
   * Makes a published model the task's, between two commits, as feedback is: what came before it is committed first, and
   * the state with the model in it is checkpointed before anything after it can be. A task that still replays takes it
   * later: it is to be asked again and again.
   */
  adopt(release: ModelRelease | undefined, control: BatchControl): Promise<void> {
    return this.#mutex.run(async () => {
      const version = release?.version
      const { task } = this.#stepper
      if (!task.takesModels || task.model?.version === version) return
      if (version !== undefined && version === this.#refusedVersion) return
      if (!this.#mayWork(control) || this.#halted || this.#stepper.isReplaying) return
      await this.#commit(control)
      if (!this.#takeModel(release)) return
      await this.#checkpointNow(control)
      this.#ports.observer.modelInUse(this.partition, modelFactsOf(this.#stepper.task))
    })
  }

  #takeModel(release: ModelRelease | undefined): boolean {
    const refused = this.#stepper.task.adopt(release)
    if (refused === undefined) return true
    this.#refusedVersion = release?.version
    this.#ports.observer.modelRefused(this.partition, refused)
    return false
  }

  /** `ticked`: the offset may be that of before, as no record but the clock has caused what is committed. */
  async #commit(control: BatchControl, ticked = false): Promise<void> {
    const { position: offset, task, silence } = this.#stepper
    this.#lastCommitMs = this.#ports.clock.nowMs()
    if (offset === undefined || offset < (this.#committed ?? 0n)) return
    if (offset === this.#committed && !this.#checkpoints.wantsCommit && !ticked) return
    const { metadata: named } = this.#checkpoints
    const metadata = silence.keptWith(named)
    const { output } = this.#stepper
    const unit = {
      records: toOutputRecords(this.#options.pipeline, this.#options.topics, this.partition, output),
      offsets: [{ ...this.partition, offset, metadata }] as const,
    }
    const heartbeat = () => control.heartbeat()
    await this.#committer.commit(unit, { heartbeat, isCurrent: () => this.#isCurrent(control) })
    this.#committed = offset
    silence.forgetBefore(this.#checkpoints.named(named))
    this.#stepper.take()
    const durationMs = this.#ports.clock.nowMs() - this.#lastCommitMs
    this.#ports.observer.committed(this.partition, factsOf(task), reportOf(output), durationMs)
    if (output.forecastDue)
      this.#ports.forecastDue?.(dueForecastsOf(this.partition, task, this.#options.forecastSeriesLimit ?? 0))
    this.#checkpoints.beginIfDue(this.#committed)
  }

  /** Between two commits: the state as it is now is durable, and named by the committed offset, when this resolves. */
  async #checkpointNow(control: BatchControl): Promise<void> {
    if (await this.#checkpoints.write(this.#committed)) await this.#commit(control)
  }

  /** Commits what is left and writes a last checkpoint, unless the partition is no longer ours. */
  revoked(control: BatchControl): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#closed) return
      const startedMs = this.#ports.clock.nowMs()
      this.#ports.observer.partitionState(this.partition, 'draining')
      try {
        if (this.#mayWork(control)) {
          await this.#commit(control)
          await this.#checkpoints.written()
          if (this.#checkpoints.isStale) await this.#checkpointNow(control)
          else await this.#commit(control)
          await this.#checkpoints.cleaned()
        }
      } finally {
        await this.#close()
        this.#log('partition left', startedMs)
      }
    })
  }

  async #close(): Promise<void> {
    this.#closed = true
    this.#checkpoints.abandon()
    const gone = new StepOutput()
    this.#stepper.task.dispose(gone)
    this.#ports.observer.closed(this.partition, gone.removed)
    await this.#committer.close()
  }
}
