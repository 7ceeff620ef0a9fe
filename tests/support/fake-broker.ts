import { TidegaugeError } from '../../src/core/errors.ts'
import { partitionName } from '../../src/runtime/partition-name.ts'
import type {
  BatchControl,
  CommitUnit,
  InputRecord,
  OutputRecord,
  PartitionConsumer,
  RecordSource,
  SinkFactory,
  TopicPartition,
  TransactionalSink,
} from '../../src/runtime/ports.ts'

/**
 * A broker in memory with what exactly-once rests on: partitions with offsets, transactions that are all or nothing,
 * producer epochs that fence, and offsets committed inside transactions. Deterministic, with planted failures.
 */
export class FakeBroker implements SinkFactory {
  readonly partitions = new Map<string, InputRecord[]>()
  /** What a read-committed consumer would see, in commit order. */
  readonly visible: (OutputRecord & { readonly source: string })[] = []
  readonly offsets = new Map<string, bigint>()
  /** Of the committed offsets. */
  readonly metadata = new Map<string, string>()
  readonly #epochs = new Map<string, number>()
  /** Asked at each commit whether its answer is to be an error, and whether it took effect all the same. */
  commitFault: () => 'none' | 'before' | 'after' = () => 'none'
  /** A fault to plant: members are told the offset from before the newest commit, as if they had asked before fencing. */
  staleOffsets = false
  readonly offsetsBefore = new Map<string, bigint>()

  append(partition: TopicPartition, value: Uint8Array | null, timestampMs: number): void {
    const log = this.log(partition)
    log.push({ offset: BigInt(log.length), timestampMs, key: null, value })
  }

  log(partition: TopicPartition): InputRecord[] {
    const name = partitionName(partition)
    const log = this.partitions.get(name) ?? []
    this.partitions.set(name, log)
    return log
  }

  async open(transactionalId: string): Promise<TransactionalSink> {
    const epoch = (this.#epochs.get(transactionalId) ?? 0) + 1
    this.#epochs.set(transactionalId, epoch)
    return {
      commit: async (unit) => {
        if (this.#epochs.get(transactionalId) !== epoch) {
          throw new TidegaugeError('FENCED', 'a newer producer took over', { where: transactionalId })
        }
        const fault = this.commitFault()
        if (fault !== 'before') this.#apply(unit)
        if (fault !== 'none') throw new TidegaugeError('BROKER_UNREACHABLE', 'no answer')
      },
      close: async () => {},
    }
  }

  #apply(unit: CommitUnit): void {
    const [source] = unit.offsets
    const from = source === undefined ? '' : partitionName(source)
    this.visible.push(...unit.records.map((record) => ({ ...record, source: from })))
    for (const offset of unit.offsets) {
      this.offsetsBefore.set(partitionName(offset), this.offsets.get(partitionName(offset)) ?? 0n)
      this.offsets.set(partitionName(offset), offset.offset)
      this.metadata.set(partitionName(offset), offset.metadata ?? '')
    }
  }
}

/** One member of the group, moved by hand: it is given partitions, reads batches of the asked size, loses them. */
export class FakeSource implements RecordSource {
  readonly #broker: FakeBroker
  readonly #positions = new Map<string, bigint>()
  readonly #current = new Map<string, { current: boolean }>()
  #consumer: PartitionConsumer | undefined

  constructor(broker: FakeBroker) {
    this.#broker = broker
  }

  async start(_topics: readonly string[], consumer: PartitionConsumer): Promise<void> {
    this.#consumer = consumer
  }

  async assign(partition: TopicPartition): Promise<void> {
    const name = partitionName(partition)
    this.#current.set(name, { current: true })
    const start = await this.#joined().onAssigned(partition, async () => {
      const offset = (this.#broker.staleOffsets ? this.#broker.offsetsBefore : this.#broker.offsets).get(name)
      return offset === undefined ? undefined : { offset, metadata: this.#broker.metadata.get(name) ?? '' }
    })
    this.#positions.set(name, start.kind === 'offset' ? start.offset : 0n)
  }

  /** Hands over at most `count` records; false when there are none. */
  async poll(partition: TopicPartition, count: number): Promise<boolean> {
    const name = partitionName(partition)
    const log = this.#broker.log(partition)
    const from = Number(this.#positions.get(name) ?? 0n)
    const records = log.slice(from, from + count)
    if (records.length === 0) return false
    const held = this.#current.get(name)
    const control: BatchControl = { heartbeat: async () => {}, isCurrent: () => held?.current ?? false }
    await this.#joined().onRecords({ ...partition, records, endOffset: BigInt(log.length) }, control)
    this.#positions.set(name, BigInt(from + records.length))
    return true
  }

  async revoke(partition: TopicPartition): Promise<void> {
    await this.#joined().onRevoked(partition)
    this.lose(partition)
  }

  /** As when the group moved on without this member: nobody tells it. */
  lose(partition: TopicPartition): void {
    const held = this.#current.get(partitionName(partition))
    if (held !== undefined) held.current = false
  }

  pause(): void {}

  resume(): void {}

  async hasReadAll(partition: TopicPartition): Promise<boolean> {
    return Number(this.#positions.get(partitionName(partition)) ?? 0n) >= this.#broker.log(partition).length
  }

  async stop(): Promise<void> {
    for (const [name, held] of this.#current) {
      const cut = name.lastIndexOf('-')
      if (held.current) await this.revoke({ topic: name.slice(0, cut), partition: Number(name.slice(cut + 1)) })
    }
  }

  #joined(): PartitionConsumer {
    if (this.#consumer === undefined) throw new Error('the source was not started')
    return this.#consumer
  }
}
