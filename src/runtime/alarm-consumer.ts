import { parseAlarmEvent } from '../alarm/alarm-event.ts'
import type { Clock } from '../core/clock.ts'
import type { Logger } from './logger.ts'
import { Mutex } from './mutex.ts'
import type { NotificationDispatcher } from './notification-dispatcher.ts'
import { partitionName } from './partition-name.ts'
import type {
  BatchControl,
  FetchCommitted,
  PartitionConsumer,
  RecordBatch,
  RecordSource,
  SinkFactory,
  StartPosition,
  TopicPartition,
} from './ports.ts'
import { TaskCommitter } from './task-committer.ts'

export interface AlarmConsumerOptions {
  /** Only events of this pipeline are delivered: others have their own consumers, with their own channels. */
  readonly pipeline: string
  readonly group: string
  readonly topic: string
  readonly commitIntervalMs: number
  /** How long a stopping process waits for deliveries under way. */
  readonly drainMs: number
}

export interface AlarmConsumerPorts {
  readonly source: RecordSource
  readonly sinks: SinkFactory
  readonly dispatcher: NotificationDispatcher
  readonly clock: Clock
  readonly logger: Logger
  readonly sleep: (durationMs: number) => Promise<void>
  readonly every: (intervalMs: number, task: () => void) => () => void
}

/** One event that was handed to the dispatcher and is not committed yet. */
interface Outstanding {
  readonly nextOffset: bigint
  settled: boolean
}

interface Tenure {
  readonly partition: TopicPartition
  readonly committer: TaskCommitter
  readonly mutex: Mutex
  /** In offset order. Only a settled beginning of it may be committed, so that nothing undelivered is skipped. */
  readonly outstanding: Outstanding[]
  committed: bigint
  control: BatchControl
}

const AT_REST: BatchControl = { heartbeat: async () => {}, isCurrent: () => true }

/**
 * Delivers the transitions of the alarms topic: at least once. An event's offset is committed when all of its channels
 * have it, or have it in the dead letters, and all events before it do too; a crash repeats what was not committed,
 * under the same ids.
 */
export class AlarmConsumer implements PartitionConsumer {
  readonly #options: AlarmConsumerOptions
  readonly #ports: AlarmConsumerPorts
  readonly #tenures = new Map<string, Tenure>()
  #stopTimer = () => {}

  constructor(options: AlarmConsumerOptions, ports: AlarmConsumerPorts) {
    this.#options = options
    this.#ports = ports
  }

  async start(): Promise<void> {
    this.#stopTimer = this.#ports.every(this.#options.commitIntervalMs, () => {
      for (const tenure of this.#tenures.values()) this.#commitLater(tenure)
    })
    await this.#ports.source.start([this.#options.topic], this)
  }

  async stop(): Promise<void> {
    this.#stopTimer()
    await this.#ports.dispatcher.drain(this.#options.drainMs)
    await this.#ports.source.stop()
  }

  async onAssigned(partition: TopicPartition, fetchCommitted: FetchCommitted): Promise<StartPosition> {
    const { pipeline, group } = this.#options
    const committer = new TaskCommitter(`tidegauge.${pipeline}.notifier.${partitionName(partition)}`, group, {
      ...this.#ports,
      onFailure: (error) => this.#ports.logger.warn('the offset of delivered alarms could not be committed', { error }),
    })
    const committed = await committer.take(fetchCommitted)
    const tenure = {
      partition,
      committer,
      mutex: new Mutex(),
      outstanding: [],
      committed: committed?.offset ?? 0n,
      control: AT_REST,
    }
    this.#tenures.set(partitionName(partition), tenure)
    return committed === undefined ? { kind: 'earliest' } : { kind: 'offset', offset: committed.offset }
  }

  async onRecords(batch: RecordBatch, control: BatchControl): Promise<void> {
    const tenure = this.#tenures.get(partitionName(batch))
    if (tenure === undefined) return
    tenure.control = control
    for (const record of batch.records) {
      if (!control.isCurrent()) return
      const entry: Outstanding = { nextOffset: record.offset + 1n, settled: false }
      tenure.outstanding.push(entry)
      await this.#submit(entry, record.value, `${partitionName(batch)}@${record.offset}`)
      await control.heartbeat()
    }
  }

  async #submit(entry: Outstanding, value: Uint8Array | null, where: string): Promise<void> {
    const parsed = parseAlarmEvent(value === null ? '' : new TextDecoder().decode(value))
    if (!parsed.ok) {
      this.#ports.logger.warn('a record of the alarms topic is no alarm event', { where, detail: parsed.error })
      entry.settled = true
    } else if (parsed.value.pipeline !== this.#options.pipeline) {
      entry.settled = true
    } else {
      const { settled } = await this.#ports.dispatcher.submit(parsed.value)
      settled.then(
        ({ acknowledge }) => {
          entry.settled = acknowledge
        },
        (error: unknown) => this.#ports.logger.error('a notification failed', { where, error }),
      )
    }
  }

  #commitLater(tenure: Tenure): void {
    this.#commit(tenure).catch((error: unknown) => {
      this.#ports.logger.error('the offset of delivered alarms could not be committed', { error })
    })
  }

  #commit(tenure: Tenure): Promise<void> {
    return tenure.mutex.run(async () => {
      const { outstanding, partition, committer, control } = tenure
      const blocked = outstanding.findIndex((entry) => !entry.settled)
      const count = blocked === -1 ? outstanding.length : blocked
      const offset = outstanding[count - 1]?.nextOffset
      if (offset === undefined || offset <= tenure.committed || !control.isCurrent()) return
      await committer.commit({ records: [], offsets: [{ ...partition, offset, metadata: '' }] }, control)
      tenure.committed = offset
      outstanding.splice(0, count)
    })
  }

  async onRevoked(partition: TopicPartition): Promise<void> {
    const tenure = this.#tenures.get(partitionName(partition))
    if (tenure === undefined) return
    this.#tenures.delete(partitionName(partition))
    try {
      await this.#commit(tenure)
    } finally {
      await tenure.committer.close()
    }
  }
}
