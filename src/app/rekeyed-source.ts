import type { TidegaugeError } from '../core/errors.ts'
import { partitionName } from '../runtime/partition-name.ts'
import type {
  BatchControl,
  FetchCommitted,
  PartitionConsumer,
  RecordBatch,
  RecordSource,
  StartPosition,
  TopicPartition,
} from '../runtime/ports.ts'
import type { SourceListener } from './backend.ts'

/** The topic in which the records of a pipeline lie sorted by series: one a group, as offsets are. */
export const rekeyedTopic = (group: string) => `tidegauge.rekeyed.${group.replace(/^tidegauge-/, '')}`

export interface RekeyedParts {
  /** Reads what producers write, in a group of its own. */
  readonly unsorted: RecordSource
  readonly rekeyer: PartitionConsumer
  /** Makes the topic between, once the producers' topics are there. */
  readonly prepare: (topics: readonly string[]) => Promise<void>
  /** Reads the topic between for the pipeline. */
  readonly sorted: RecordSource
  readonly topic: string
}

/** What a pipeline reads when its records are sorted first: its own topic, that this process and others fill. */
export class RekeyedSource implements RecordSource {
  readonly #parts: RekeyedParts
  /** Unsorted partitions of this process. */
  readonly #held = new Map<string, TopicPartition>()

  constructor(parts: RekeyedParts) {
    this.#parts = parts
  }

  async start(topics: readonly string[], consumer: PartitionConsumer): Promise<void> {
    const { prepare, unsorted, sorted, topic } = this.#parts
    await prepare(topics)
    await unsorted.start(topics, this.#watched())
    await sorted.start([topic], consumer)
  }

  #watched(): PartitionConsumer {
    const { rekeyer } = this.#parts
    return {
      onAssigned: (partition: TopicPartition, fetchCommitted: FetchCommitted): Promise<StartPosition> => {
        this.#held.set(partitionName(partition), partition)
        return rekeyer.onAssigned(partition, fetchCommitted)
      },
      onRecords: (batch: RecordBatch, control: BatchControl) => rekeyer.onRecords(batch, control),
      onRevoked: (partition: TopicPartition) => {
        this.#held.delete(partitionName(partition))
        return rekeyer.onRevoked(partition)
      },
    }
  }

  pause(partition: TopicPartition): void {
    this.#parts.sorted.pause(partition)
  }

  resume(partition: TopicPartition): void {
    this.#parts.sorted.resume(partition)
  }

  /** Nothing is silent here as long as this process has records to sort. */
  async hasReadAll(partition: TopicPartition): Promise<boolean> {
    const { sorted, unsorted } = this.#parts
    for (const held of this.#held.values()) if (!(await unsorted.hasReadAll(held))) return false
    return sorted.hasReadAll(partition)
  }

  async stop(): Promise<void> {
    await this.#parts.unsorted.stop()
    await this.#parts.sorted.stop()
  }
}

/** One listener for two sources: what either of them waits for is what the pipeline waits for. */
export function shareListener(listener: SourceListener): readonly [SourceListener, SourceListener] {
  const problems: (TidegaugeError | undefined)[] = [undefined, undefined]
  const part = (i: number): SourceListener => ({
    failed: (error) => listener.failed(error),
    stalled: (error) => {
      problems[i] = error
      listener.stalled(problems[0] ?? problems[1])
    },
    notTaken: (partition, error) => listener.notTaken?.(partition, error),
    // What waits to be sorted is behind, too.
    measured: (measure) => listener.measured?.(measure),
  })
  return [part(0), part(1)]
}
