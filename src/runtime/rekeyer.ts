import { createDecoder } from '../decode/create-decoder.ts'
import type { Decoder } from '../decode/decoder.ts'
import { identityOf } from '../pipeline/identity.ts'
import type { PipelineOptions } from '../pipeline/options.ts'
import { Selection } from '../pipeline/selection.ts'
import type { Logger } from './logger.ts'
import type {
  BatchControl,
  FetchCommitted,
  InputRecord,
  OutputRecord,
  PartitionConsumer,
  RecordBatch,
  SinkFactory,
  StartPosition,
  TopicPartition,
} from './ports.ts'
import { TaskCommitter } from './task-committer.ts'

/** Records of one transaction at most: what is read again after a crash. */
const COMMIT_RECORDS = 5_000
/** Where a record came from: `topic-partition@offset`. */
const SOURCE_HEADER = 'tidegauge-source'

export interface RekeyerOptions {
  readonly pipeline: PipelineOptions
  /** Consumer group of the re-keying, not that of the pipeline. */
  readonly group: string
  /** Where records are written to, keyed. */
  readonly topic: string
  /** Where a partition without a committed offset begins. */
  readonly start: StartPosition
}

export interface RekeyerPorts {
  readonly sinks: SinkFactory
  readonly logger: Logger
  readonly sleep: (durationMs: number) => Promise<void>
}

/**
 * Writes the records of a pipeline's topics to one of its own, keyed by the series that they belong to: so that each
 * series comes to lie in one partition, whatever the producers do. Records and offsets are committed together, so each
 * record is there exactly once. Value, time and headers stay as they are.
 *
 * A record is not split: one that holds several series goes where its first one belongs. One that cannot be read goes
 * on without a key, for the pipeline to write it to its dead letters.
 */
export class Rekeyer implements PartitionConsumer {
  readonly #options: RekeyerOptions
  readonly #ports: RekeyerPorts
  readonly #decoder: Decoder
  readonly #selection: Selection
  readonly #committers = new Map<string, TaskCommitter>()
  #warnedOfSeveral = false

  constructor(options: RekeyerOptions, ports: RekeyerPorts) {
    this.#options = options
    this.#ports = ports
    this.#decoder = createDecoder(options.pipeline.decode)
    this.#selection = new Selection(options.pipeline.select)
  }

  async onAssigned(partition: TopicPartition, fetchCommitted: FetchCommitted): Promise<StartPosition> {
    const { pipeline, group, start } = this.#options
    const committer = new TaskCommitter(`tidegauge.${pipeline.name}.rekey.${nameOf(partition)}`, group, {
      ...this.#ports,
      onFailure: (error) => this.#ports.logger.warn('re-keyed records could not be committed', { ...partition, error }),
    })
    this.#committers.set(nameOf(partition), committer)
    const committed = await committer.take(fetchCommitted)
    return committed === undefined ? start : { kind: 'offset', offset: committed.offset }
  }

  async onRecords(batch: RecordBatch, control: BatchControl): Promise<void> {
    const committer = this.#committers.get(nameOf(batch))
    const { topic, partition, records } = batch
    for (let from = 0; from < records.length && committer !== undefined && control.isCurrent(); ) {
      const slice = records.slice(from, from + COMMIT_RECORDS)
      from += slice.length
      const offset = (slice.at(-1)?.offset ?? 0n) + 1n
      const keyed = slice.map((record) => this.#keyed(record, batch))
      await committer.commit({ records: keyed, offsets: [{ topic, partition, offset, metadata: '' }] }, control)
      await control.heartbeat()
    }
  }

  #keyed(record: InputRecord, from: TopicPartition): OutputRecord {
    const { value, timestampMs, headers, offset } = record
    return {
      topic: this.#options.topic,
      key: this.#keyOf(record),
      value,
      timestampMs,
      headers: { ...headers, [SOURCE_HEADER]: `${nameOf(from)}@${offset}` },
    }
  }

  /** As the pipeline tells series apart; one that it does not take keeps its own name. */
  #keyOf({ value, timestampMs }: InputRecord): string | null {
    const { samples } = this.#decoder.decode({ value, recordTimestampMs: timestampMs })
    let key: string | undefined
    for (const { series } of samples) {
      const own = identityOf(this.#selection.admit(series) ?? series, this.#options.pipeline.join).key
      key ??= own
      if (own === key) continue
      this.#warnOfSeveral(key, own)
      break
    }
    return key ?? null
  }

  #warnOfSeveral(first: string, other: string): void {
    if (this.#warnedOfSeveral) return
    this.#warnedOfSeveral = true
    this.#ports.logger.warn('records hold several series: each goes where its first one belongs', {
      pipeline: this.#options.pipeline.name,
      first,
      other,
      hint: 'write one record a series, or keep the series that share records in records of one kind',
    })
  }

  async onRevoked(partition: TopicPartition): Promise<void> {
    const committer = this.#committers.get(nameOf(partition))
    this.#committers.delete(nameOf(partition))
    await committer?.close()
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`
