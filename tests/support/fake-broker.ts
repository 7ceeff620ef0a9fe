import { TidegaugeError } from '../../src/core/errors.ts'
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

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`

/**
 * A broker in memory with what exactly-once rests on: partitions with offsets, transactions that are all or nothing,
 * producer epochs that fence, and offsets committed inside transactions. Deterministic, with planted failures.
 */
export class FakeBroker implements SinkFactory {
  readonly partitions = new Map<string, InputRecord[]>()
  /** What a read-committed consumer would see, in commit order. */
  readonly visible: OutputRecord[] = []
  readonly offsets = new Map<string, bigint>()
  readonly #epochs = new Map<string, number>()
  /** Called before each commit: throws to fail it, once before and once after it took effect. */
  onCommit: (moment: 'before' | 'after') => void = () => {}
  commits = 0

  append(partition: TopicPartition, value: Uint8Array | null, timestampMs: number): void {
    const log = this.log(partition)
    log.push({ offset: BigInt(log.length), timestampMs, key: null, value })
  }

  log(partition: TopicPartition): InputRecord[] {
    const name = nameOf(partition)
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
        this.onCommit('before')
        this.#apply(unit)
        this.onCommit('after')
      },
      close: async () => {},
    }
  }

  #apply(unit: CommitUnit): void {
    this.commits++
    this.visible.push(...unit.records)
    for (const offset of unit.offsets) this.offsets.set(nameOf(offset), offset.offset)
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
    const name = nameOf(partition)
    this.#current.set(name, { current: true })
    const start = await this.#joined().onAssigned(partition, async () => {
      const offset = this.#broker.offsets.get(name)
      return offset === undefined ? undefined : { offset, metadata: '' }
    })
    this.#positions.set(name, start.kind === 'offset' ? start.offset : 0n)
  }

  /** Hands over at most `count` records; false when there are none. */
  async poll(partition: TopicPartition, count: number): Promise<boolean> {
    const name = nameOf(partition)
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
    const held = this.#current.get(nameOf(partition))
    if (held !== undefined) held.current = false
  }

  pause(): void {}

  resume(): void {}

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
