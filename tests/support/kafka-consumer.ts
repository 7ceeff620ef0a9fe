import { partitionName } from '../../src/runtime/partition-name.ts'
import type {
  BatchControl,
  CommittedOffset,
  FetchCommitted,
  InputRecord,
  PartitionConsumer,
  RecordBatch,
  StartPosition,
  TopicPartition,
} from '../../src/runtime/ports.ts'

/** What happened to one partition, in order. */
export type PartitionEvent = 'assigned' | 'records' | 'revoked'

export interface Seen {
  readonly offset: bigint
  readonly value: string
}

/** A consumer that keeps what it is given, and checks that no two calls for a partition overlap. */
export class CollectingConsumer implements PartitionConsumer {
  readonly seen = new Map<string, Seen[]>()
  readonly events = new Map<string, PartitionEvent[]>()
  readonly committed = new Map<string, CommittedOffset | undefined>()
  readonly controls = new Map<string, BatchControl>()
  overlaps = 0
  #inCall = new Set<string>()
  readonly #begin: (partition: TopicPartition, committed: CommittedOffset | undefined) => StartPosition
  /** Runs after a batch was kept; may wait, commit or throw. */
  onBatch: (batch: RecordBatch, control: BatchControl) => Promise<void> = async () => {}

  constructor(begin: (partition: TopicPartition, committed: CommittedOffset | undefined) => StartPosition) {
    this.#begin = begin
  }

  get values(): string[] {
    return [...this.seen.values()].flat().map((record) => record.value)
  }

  /** Partitions held now. */
  get held(): string[] {
    return [...this.events]
      .filter(([, events]) => events.at(-1) !== 'revoked')
      .map(([name]) => name)
      .sort()
  }

  async onAssigned(partition: TopicPartition, fetchCommitted: FetchCommitted): Promise<StartPosition> {
    return this.#call(partition, 'assigned', async () => {
      const committed = await fetchCommitted()
      this.committed.set(partitionName(partition), committed)
      return this.#begin(partition, committed)
    })
  }

  async onRecords(batch: RecordBatch, control: BatchControl): Promise<void> {
    return this.#call(batch, 'records', async () => {
      this.controls.set(partitionName(batch), control)
      this.seen.set(partitionName(batch), [
        ...(this.seen.get(partitionName(batch)) ?? []),
        ...batch.records.map(toSeen),
      ])
      await this.onBatch(batch, control)
    })
  }

  async onRevoked(partition: TopicPartition): Promise<void> {
    await this.#call(partition, 'revoked', async () => {})
  }

  async #call<T>(partition: TopicPartition, event: PartitionEvent, body: () => Promise<T>): Promise<T> {
    const name = partitionName(partition)
    if (this.#inCall.has(name)) this.overlaps++
    this.#inCall.add(name)
    this.events.set(name, [...(this.events.get(name) ?? []), event])
    try {
      return await body()
    } finally {
      this.#inCall.delete(name)
    }
  }
}

function toSeen({ offset, value }: InputRecord): Seen {
  return { offset, value: value === null ? '' : Buffer.from(value).toString() }
}

/** From the committed offset, or from the beginning. */
export function resume(_: TopicPartition, committed: CommittedOffset | undefined): StartPosition {
  return committed === undefined ? { kind: 'earliest' } : { kind: 'offset', offset: committed.offset }
}
