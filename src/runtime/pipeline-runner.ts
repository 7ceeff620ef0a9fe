import type { Feedback } from '../band/scored-point.ts'
import type { Clock } from '../core/clock.ts'
import type { ModelRelease } from '../pipeline/detector/band-model.ts'
import type { Logger } from './logger.ts'
import type { Loop, OpenLoop } from './loop.ts'
import { partitionName } from './partition-name.ts'
import type {
  BatchControl,
  FetchCommitted,
  PartitionConsumer,
  RecordBatch,
  RecordSource,
  StartPosition,
  TopicPartition,
} from './ports.ts'

export interface RunnerOptions {
  readonly sourceTopics: readonly string[]
  /** A partition at rest is looked at twice in this time. */
  readonly commitIntervalMs: number
  /** A partition that says nothing for so long, although it was read to its end, is silent; undefined: never. */
  readonly silenceMs: number | undefined
}

export interface RunnerPorts {
  readonly source: RecordSource
  readonly openLoop: OpenLoop
  readonly clock: Clock
  readonly logger: Logger
  /** Calls `task` again and again until the returned function is called. */
  readonly every: (intervalMs: number, task: () => void) => () => void
}

/** The broker is asked at most this often whether a silent partition holds something. */
const ASK_EVERY_MS = 5_000

/** Heartbeats nowhere: for work that no batch is waiting on. */
const AT_REST: BatchControl = { heartbeat: async () => {}, isCurrent: () => true }

/** One pipeline in this process: the loops of the partitions that the consumer group gave it. */
export class PipelineRunner implements PartitionConsumer {
  readonly #options: RunnerOptions
  readonly #ports: RunnerPorts
  readonly #loops = new Map<string, Loop>()
  /** From when on a partition counts as silent, should it say nothing until then. */
  readonly #lookAtMs = new Map<string, number>()
  #stopIdle = () => {}

  constructor(options: RunnerOptions, ports: RunnerPorts) {
    this.#options = options
    this.#ports = ports
  }

  /** Resolves when the source has joined. */
  async start(): Promise<void> {
    this.#stopIdle = this.#ports.every(Math.max(50, this.#options.commitIntervalMs / 2), () => this.#idle())
    await this.#ports.source.start(this.#options.sourceTopics, this)
  }

  /**
   * Drains: what was stepped is committed and checkpointed, then the group is left. Most of the state is written while
   * records are still taken, so that whoever takes over waits only for what has changed since.
   */
  async stop(): Promise<void> {
    this.#stopIdle()
    await Promise.allSettled([...this.#loops.values()].map((loop) => loop.checkpoint(AT_REST)))
    for (const loop of this.#loops.values()) loop.halt()
    await this.#ports.source.stop()
  }

  /** Makes everything durable that was stepped so far. */
  async flush(): Promise<void> {
    for (const loop of this.#loops.values()) await loop.flush(AT_REST)
  }

  /** A person's verdict on a range of a series; false when no partition held here knows the series. */
  async feedback(seriesKey: string, feedback: Feedback): Promise<boolean> {
    for (const loop of this.#loops.values()) {
      if (await loop.feedback(seriesKey, feedback, AT_REST)) return true
    }
    return false
  }

  /** Makes a published model that of every partition held here, as soon as each is up to date. */
  async adopt(release: ModelRelease | undefined): Promise<void> {
    for (const loop of this.#loops.values()) await loop.adopt(release, AT_REST)
  }

  async onAssigned(partition: TopicPartition, fetchCommitted: FetchCommitted): Promise<StartPosition> {
    const loop = this.#ports.openLoop(partition)
    this.#loops.set(partitionName(partition), loop)
    this.#heard(partition, this.#options.silenceMs)
    return loop.assigned(fetchCommitted)
  }

  async onRecords(batch: RecordBatch, control: BatchControl): Promise<void> {
    await this.#loops.get(partitionName(batch))?.records(batch, control)
    this.#heard(batch, this.#options.silenceMs)
  }

  async onRevoked(partition: TopicPartition): Promise<void> {
    const loop = this.#loops.get(partitionName(partition))
    this.#loops.delete(partitionName(partition))
    this.#lookAtMs.delete(partitionName(partition))
    await loop?.revoked(AT_REST)
  }

  #idle(): void {
    for (const loop of this.#loops.values()) {
      this.#atRest(loop).catch((error: unknown) => {
        this.#ports.logger.error('commit failed', { task: partitionName(loop.partition), error })
      })
    }
  }

  async #atRest(loop: Loop): Promise<void> {
    await loop.idle(AT_REST)
    const { silenceMs } = this.#options
    const lookAtMs = this.#lookAtMs.get(partitionName(loop.partition)) ?? Number.POSITIVE_INFINITY
    if (silenceMs === undefined || this.#ports.clock.nowMs() < lookAtMs) return
    this.#heard(loop.partition, Math.min(silenceMs, ASK_EVERY_MS))
    if (await this.#ports.source.hasReadAll(loop.partition)) await loop.silent(AT_REST)
  }

  /** It is not looked for silence again before so long. */
  #heard(partition: TopicPartition, patienceMs: number | undefined): void {
    if (patienceMs !== undefined) this.#lookAtMs.set(partitionName(partition), this.#ports.clock.nowMs() + patienceMs)
  }
}
