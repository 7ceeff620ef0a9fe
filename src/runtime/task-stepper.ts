import type { Clock } from '../core/clock.ts'
import type { PipelineOptions } from '../pipeline/options.ts'
import { PartitionTask } from '../pipeline/partition-task.ts'
import { StepOutput } from '../pipeline/step-output.ts'
import type { PipelineObserver } from './observer.ts'
import { PartitionSilence } from './partition-silence.ts'
import type { CommittedOffset, InputRecord, TopicPartition } from './ports.ts'
import { reportOf } from './step-report.ts'

export interface StepperPorts {
  readonly clock: Clock
  readonly observer: PipelineObserver
}

/** A task with its place in the log: what was stepped, what of it is quiet, and what waits to be committed. */
export class TaskStepper {
  readonly #partition: TopicPartition
  readonly #ports: StepperPorts
  readonly silence: PartitionSilence
  #task: PartitionTask
  #output = new StepOutput()
  /** Next offset to read; undefined until the first record or a restore. */
  #position: bigint | undefined
  /** Results of records before this were committed by an earlier owner: they are stepped without effect. */
  #quietUntil = 0n
  /** A step threw: what it left behind fits no offset, so nothing more of it may become visible. */
  #broken = false

  constructor(
    partition: TopicPartition,
    options: { readonly pipeline: PipelineOptions; readonly silenceMs?: number | undefined },
    ports: StepperPorts,
  ) {
    this.#partition = partition
    this.#ports = ports
    this.#task = new PartitionTask(options.pipeline)
    this.silence = new PartitionSilence({ silenceMs: options.silenceMs, periodMs: options.pipeline.window.periodMs })
  }

  get task(): PartitionTask {
    return this.#task
  }

  get position(): bigint | undefined {
    return this.#position
  }

  /** What waits to be committed. */
  get output(): StepOutput {
    return this.#output
  }

  get isBroken(): boolean {
    return this.#broken
  }

  /** What an earlier owner has committed is stepped again. */
  get isReplaying(): boolean {
    return (this.#position ?? 0n) < this.#quietUntil
  }

  /** Begins in a restored state, which has seen everything before `offset`. */
  restore(task: PartitionTask, offset: bigint): void {
    this.#task = task
    this.#position = offset
  }

  /** Begins behind what is committed: up to there, everything is quiet. */
  begin(committed: CommittedOffset | undefined): void {
    this.#quietUntil = committed?.offset ?? 0n
    this.silence.restore(committed?.metadata ?? '', this.#position ?? 0n, this.#ports.clock.nowMs())
    if (this.#position === this.#quietUntil) this.#tickThrough(this.#quietUntil)
  }

  /** The results that wait; the next ones are collected anew. */
  take(): StepOutput {
    const output = this.#output
    this.#output = new StepOutput()
    return output
  }

  step(records: readonly InputRecord[]): void {
    this.#guarded(() => {
      const isLive = (records[0]?.offset ?? 0n) >= this.#quietUntil
      const quiet = isLive ? [] : records.filter((record) => record.offset < this.#quietUntil)
      const live = quiet.length === 0 ? records : records.slice(quiet.length)
      if (quiet.length > 0) this.#stepQuietly(quiet)
      if (live.length > 0) this.#stepLive(live, quiet.length > 0)
      const last = records.at(-1)
      if (last !== undefined) this.#position = last.offset + 1n
      if (this.#position === this.#quietUntil) this.#tickThrough(this.#quietUntil)
    })
  }

  #stepQuietly(records: readonly InputRecord[]): void {
    const ignored = new StepOutput()
    let rest = records
    for (let tick = this.silence.nextReplay; tick !== undefined; tick = this.silence.nextReplay) {
      const at = tick
      const before = rest.filter(({ offset }) => offset < at)
      if (before.length === rest.length) break
      this.#task.step(before, ignored)
      rest = rest.slice(before.length)
      this.#tickThrough(at, ignored)
    }
    this.#task.step(rest, ignored)
    this.#ports.observer.replayed(this.#partition, reportOf(ignored))
  }

  #stepLive(records: readonly InputRecord[], isFirst: boolean): void {
    const { clock, observer } = this.#ports
    this.#tickThrough(this.#quietUntil)
    if (isFirst || this.#position === this.#quietUntil) observer.partitionState(this.#partition, 'running')
    const startedMs = clock.nowMs()
    this.#task.step(records, this.#output)
    const endedMs = clock.nowMs()
    this.silence.heard(endedMs, this.#task.newestMs)
    let bytes = 0
    for (const { value } of records) bytes += value?.length ?? 0
    observer.stepped(this.#partition, { records: records.length, bytes, durationMs: endedMs - startedMs })
  }

  /** Makes again what the clock did before the record at `offset`; its results were committed then. */
  #tickThrough(offset: bigint, ignored = new StepOutput()): void {
    for (const { eventMs } of this.silence.replayThrough(offset)) this.#task.tick(eventMs, ignored)
  }

  /** Lets event time go on as far as it has certainly passed; false when that closes nothing. */
  tick(): boolean {
    const offset = this.#position
    const eventMs = this.silence.passedMs(this.#ports.clock.nowMs())
    if (eventMs === undefined || offset === undefined || this.isReplaying) return false
    if (!this.#task.wouldClose(eventMs)) return false
    this.#guarded(() => this.#task.tick(eventMs, this.#output))
    this.silence.ticked({ offset, eventMs })
    return true
  }

  #guarded(step: () => void): void {
    try {
      step()
    } catch (thrown) {
      this.#broken = true
      throw thrown
    }
  }
}
