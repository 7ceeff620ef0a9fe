import type { Feedback } from '../band/scored-point.ts'
import type { ModelRelease } from '../pipeline/detector/band-model.ts'
import type { Logger } from './logger.ts'
import type { Loop, OpenLoop } from './loop.ts'
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
}

export interface RunnerPorts {
  readonly source: RecordSource
  readonly openLoop: OpenLoop
  readonly logger: Logger
  /** Calls `task` again and again until the returned function is called. */
  readonly every: (intervalMs: number, task: () => void) => () => void
}

/** Heartbeats nowhere: for work that no batch is waiting on. */
const AT_REST: BatchControl = { heartbeat: async () => {}, isCurrent: () => true }

/** One pipeline in this process: the loops of the partitions that the consumer group gave it. */
export class PipelineRunner implements PartitionConsumer {
  readonly #options: RunnerOptions
  readonly #ports: RunnerPorts
  readonly #loops = new Map<string, Loop>()
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

  /** Drains: what was stepped is committed and checkpointed, then the group is left. */
  async stop(): Promise<void> {
    this.#stopIdle()
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
    this.#loops.set(nameOf(partition), loop)
    return loop.assigned(fetchCommitted)
  }

  async onRecords(batch: RecordBatch, control: BatchControl): Promise<void> {
    await this.#loops.get(nameOf(batch))?.records(batch, control)
  }

  async onRevoked(partition: TopicPartition): Promise<void> {
    const loop = this.#loops.get(nameOf(partition))
    this.#loops.delete(nameOf(partition))
    await loop?.revoked(AT_REST)
  }

  #idle(): void {
    for (const loop of this.#loops.values()) {
      loop.idle(AT_REST).catch((error: unknown) => {
        this.#ports.logger.error('commit failed', { task: nameOf(loop.partition), error })
      })
    }
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`
