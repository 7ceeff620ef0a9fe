import type { PipelineConfig } from '../config/schema/pipeline.ts'
import type { TidegaugeError } from '../core/errors.ts'
import type { OutputRecord, RecordSource, SinkFactory } from '../runtime/ports.ts'

/** Where a process reads from and writes to: Apache Kafka, or files of its own. */
export interface Backend {
  /** For people: where a pipeline's records come from. */
  describe(pipeline: PipelineConfig): string
  readonly sinks: SinkFactory
  /** Before anything is read: makes what results are written to. */
  prepare(pipelines: readonly PipelineConfig[]): Promise<void>
  records(pipeline: PipelineConfig, onFailed: (error: TidegaugeError) => void): RecordSource
  /** The alarms topic, for the notifier. */
  alarms(pipeline: PipelineConfig, onFailed: (error: TidegaugeError) => void): RecordSource
  /** Durable when it resolves: notifications that were given up. */
  writeDown(records: readonly OutputRecord[]): Promise<void>
  close(): Promise<void>
}
