import type { PipelineConfig } from '../config/schema/pipeline.ts'
import type { TidegaugeError } from '../core/errors.ts'
import type { SeriesRecord } from '../forecast/series-lines.ts'
import type {
  OutputRecord,
  RecordSource,
  SinkFactory,
  StateStore,
  TopicMeasure,
  TopicPartition,
} from '../runtime/ports.ts'
import type { LoopHost } from './loop-host.ts'

/** What a source of records tells of itself. */
export interface SourceListener {
  /** Reading has ended for good. */
  failed(error: TidegaugeError): void
  /** Nothing can be read at the moment, and why; undefined: reading goes on. */
  stalled(error: TidegaugeError | undefined): void
  /** A partition cannot be taken up, and why; undefined: it was. */
  notTaken?(partition: TopicPartition, error: TidegaugeError | undefined): void
  /** Every few seconds: how many partitions a topic has, and how far behind those are that are read here. */
  measured?(measure: TopicMeasure): void
}

/** Where a process reads from and writes to: Apache Kafka, or files of its own. */
export interface Backend {
  /** For people: where a pipeline's records come from. */
  describe(pipeline: PipelineConfig): string
  readonly sinks: SinkFactory
  /** Where the loops of the process's partitions run. */
  readonly loops: LoopHost
  /** Before anything is read: makes what results are written to. `stalled` hears what it has to wait for. */
  prepare(pipelines: readonly PipelineConfig[], stalled: SourceListener['stalled']): Promise<void>
  records(pipeline: PipelineConfig, listener: SourceListener): RecordSource
  /** The alarms topic, for the notifier. */
  alarms(pipeline: PipelineConfig, listener: SourceListener): RecordSource
  /** Durable when it resolves; for what needs no transaction. `writer` names who writes: one at a time of each name. */
  writeDown(records: readonly OutputRecord[], writer: string): Promise<void>
  /** The pipeline's series since a time, read again from its topics without committing anything; absent without topics. */
  history?(pipeline: PipelineConfig, fromMs: number): Promise<readonly SeriesRecord[]>
  /** Where published models are. Called after `prepare`, at most once. */
  models(): Promise<StateStore>
  close(): Promise<void>
}
