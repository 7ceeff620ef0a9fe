import { createDecoder } from '../decode/create-decoder.ts'
import type { Decoder } from '../decode/decoder.ts'
import { identityOf } from '../pipeline/identity.ts'
import type { PipelineOptions } from '../pipeline/options.ts'
import { Selection } from '../pipeline/selection.ts'
import type { Logger } from './logger.ts'
import { partitionName } from './partition-name.ts'
import { PartitionPace } from './partition-pace.ts'
import type {
  BatchControl,
  FetchCommitted,
  InputRecord,
  OutputRecord,
  PartitionConsumer,
  RecordBatch,
  SinkFactory,
  StartPosition,
  TopicMeasure,
  TopicPartition,
} from './ports.ts'
import { TaskCommitter } from './task-committer.ts'

/** Records of one transaction at most: what is read again after a crash. */
const COMMIT_RECORDS = 5_000
/** How long a partition that is ahead of others waits before it looks again. */
const PACE_MS = 50
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
 * A backlog is written about in the order of its records' times, as far as its partitions are read by one process: else
 * one that is read faster would move event time on, and make the others late.
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
  readonly #pace: PartitionPace
  #warnedOfSeveral = false

  constructor(options: RekeyerOptions, ports: RekeyerPorts) {
    this.#options = options
    this.#ports = ports
    this.#decoder = createDecoder(options.pipeline.decode)
    this.#selection = new Selection(options.pipeline.select)
    this.#pace = new PartitionPace(options.pipeline.window.latenessMs)
  }

  /** What the broker says of the topics that are read. */
  measured(measure: TopicMeasure): void {
    this.#pace.measured(measure)
  }

  async onAssigned(partition: TopicPartition, fetchCommitted: FetchCommitted): Promise<StartPosition> {
    const { pipeline, group, start } = this.#options
    const committer = new TaskCommitter(`tidegauge.${pipeline.name}.rekey.${partitionName(partition)}`, group, {
      ...this.#ports,
      onFailure: (error) => this.#ports.logger.warn('re-keyed records could not be committed', { ...partition, error }),
    })
    this.#committers.set(partitionName(partition), committer)
    this.#pace.enter(partition)
    const committed = await committer.take(fetchCommitted)
    return committed === undefined ? start : { kind: 'offset', offset: committed.offset }
  }

  async onRecords(batch: RecordBatch, control: BatchControl): Promise<void> {
    const committer = this.#committers.get(partitionName(batch))
    const { topic, partition, records } = batch
    for (let from = 0; from < records.length && committer !== undefined && control.isCurrent(); ) {
      // Told before asking how far it may go: of partitions that all wait, the one with the oldest record goes on.
      this.#pace.reached(batch, records[from]?.timestampMs ?? Number.NEGATIVE_INFINITY)
      const slice = this.#inPace(records.slice(from, from + COMMIT_RECORDS), batch)
      const newest = slice.at(-1)
      if (newest === undefined) {
        await this.#ports.sleep(PACE_MS)
        await control.heartbeat()
        continue
      }
      from += slice.length
      const offset = newest.offset + 1n
      const keyed = slice.map((record) => this.#keyed(record, batch))
      await committer.commit({ records: keyed, offsets: [{ topic, partition, offset, metadata: '' }] }, control)
      this.#pace.reached(batch, newest.timestampMs)
      await control.heartbeat()
    }
  }

  /** The beginning of the records that may go on now. */
  #inPace(records: readonly InputRecord[], of: TopicPartition): readonly InputRecord[] {
    const limitMs = this.#pace.limitOf(of)
    const ahead = records.findIndex(({ timestampMs }) => timestampMs > limitMs)
    return ahead === -1 ? records : records.slice(0, ahead)
  }

  #keyed(record: InputRecord, from: TopicPartition): OutputRecord {
    const { value, timestampMs, headers, offset } = record
    return {
      topic: this.#options.topic,
      key: this.#keyOf(record),
      value,
      timestampMs,
      headers: { ...headers, [SOURCE_HEADER]: `${partitionName(from)}@${offset}` },
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
    const committer = this.#committers.get(partitionName(partition))
    this.#committers.delete(partitionName(partition))
    this.#pace.leave(partition)
    await committer?.close()
  }
}
