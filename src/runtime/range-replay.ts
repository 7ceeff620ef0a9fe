import type { PipelineOptions } from '../pipeline/options.ts'
import { PartitionTask } from '../pipeline/partition-task.ts'
import { type ScoredSeries, StepOutput } from '../pipeline/step-output.ts'
import { partitionName } from './partition-name.ts'
import type { PartitionConsumer, RecordBatch, StartPosition, TopicPartition } from './ports.ts'

/** Offsets of one partition: from `start` to before `end`. */
export interface OffsetRange extends TopicPartition {
  readonly start: bigint
  readonly end: bigint
}

export interface RangeReplayPorts {
  readonly onScored: (scored: ScoredSeries) => void
  /** Records that were taken in, since the last call. */
  readonly onRecords: (count: number) => void
}

interface Part {
  readonly range: OffsetRange
  readonly task: PartitionTask
  next: bigint
  done: boolean
}

/** What came of a replay, for people. */
export interface ReplayFacts {
  readonly records: number
  readonly deadLetters: number
  readonly late: number
}

/**
 * Runs a range of a topic through the stream's own partition tasks, and keeps nothing but their scored points: nothing
 * is committed, written or told. At the end of a range, event time goes on to where the last period closes.
 */
export class RangeReplay implements PartitionConsumer {
  readonly #options: PipelineOptions
  readonly #toMs: number
  readonly #ports: RangeReplayPorts
  readonly #parts: ReadonlyMap<string, Part>
  #records = 0
  #deadLetters = 0
  #late = 0

  /** `toMs`: periods that end later are not closed for want of records. */
  constructor(options: PipelineOptions, ranges: readonly OffsetRange[], toMs: number, ports: RangeReplayPorts) {
    this.#options = options
    this.#toMs = toMs
    this.#ports = ports
    this.#parts = new Map(
      ranges.map((range) => [
        partitionName(range),
        { range, task: new PartitionTask(options), next: range.start, done: range.start >= range.end },
      ]),
    )
  }

  /** Partitions whose range is not read to its end. */
  get open(): readonly TopicPartition[] {
    return [...this.#parts.values()].filter(({ done }) => !done).map(({ range }) => range)
  }

  get facts(): ReplayFacts {
    return { records: this.#records, deadLetters: this.#deadLetters, late: this.#late }
  }

  /** After a rebalance it goes on where it was. */
  async onAssigned(partition: TopicPartition): Promise<StartPosition> {
    const part = this.#parts.get(partitionName(partition))
    return part === undefined ? { kind: 'latest' } : { kind: 'offset', offset: part.next }
  }

  async onRecords(batch: RecordBatch): Promise<void> {
    const part = this.#parts.get(partitionName(batch))
    if (part === undefined || part.done) return
    const inside = batch.records.filter(({ offset }) => offset >= part.next && offset < part.range.end)
    const out = new StepOutput()
    part.task.step(inside, out)
    this.#take(out)
    this.#ports.onRecords(inside.length)
    part.next = (batch.records.at(-1)?.offset ?? part.next - 1n) + 1n
    if (part.next >= part.range.end) this.finish(batch)
  }

  async onRevoked(): Promise<void> {}

  /** Nothing more of the partition's range is there to be read. */
  finish(partition: TopicPartition): void {
    const part = this.#parts.get(partitionName(partition))
    if (part === undefined || part.done) return
    part.done = true
    const { periodMs, latenessMs } = this.#options.window
    const lastMs = Math.floor(part.task.newestMs / periodMs + 1) * periodMs
    const out = new StepOutput()
    if (Number.isFinite(lastMs)) part.task.tick(Math.min(lastMs, this.#toMs) + latenessMs, out)
    this.#take(out)
  }

  #take(out: StepOutput): void {
    for (const scored of out.scores) this.#ports.onScored(scored)
    this.#records += out.records
    this.#deadLetters += out.deadLetters.length
    this.#late += out.samples.late
  }

  dispose(): void {
    for (const { task } of this.#parts.values()) task.dispose()
  }
}
