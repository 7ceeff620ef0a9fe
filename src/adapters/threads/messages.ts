import type { AlarmEvent } from '../../alarm/alarm-event.ts'
import type { Feedback } from '../../band/scored-point.ts'
import type { PlainError } from '../../core/errors.ts'
import type { ModelRelease } from '../../pipeline/detector/band-model.ts'
import type { DueForecasts } from '../../runtime/due-forecasts.ts'
import type { LogFields, LogLevel } from '../../runtime/logger.ts'
import type { PipelineObserver } from '../../runtime/observer.ts'
import type { LoopOptions } from '../../runtime/partition-loop.ts'
import type { CommittedOffset, StartPosition, TopicPartition } from '../../runtime/ports.ts'
import type { PackedScores } from '../../runtime/report-codec.ts'
import type { StepReport } from '../../runtime/step-report.ts'
import type { PackedBatch } from './record-batch.ts'

/** A tenure's cell; undefined for work that no batch is waiting on. */
type SharedTenure = Int32Array<SharedArrayBuffer> | undefined

/** Calls of a loop that are answered. */
export type Call =
  | { readonly method: 'assigned'; readonly activeModel: ModelRelease | undefined }
  | { readonly method: 'records'; readonly batch: PackedBatch; readonly tenure: SharedTenure }
  | { readonly method: 'idle' | 'silent' | 'flush' | 'checkpoint' | 'revoked' }
  | { readonly method: 'feedback'; readonly seriesKey: string; readonly feedback: Feedback }
  /** `same`: the one that was given last, which a task that was not ready for it may still have to take. */
  | { readonly method: 'adopt'; readonly release: ModelRelease | 'same' | undefined }

export type Answer = StartPosition | boolean | undefined

export type ToThread =
  | {
      readonly kind: 'open'
      readonly loop: number
      readonly partition: TopicPartition
      readonly options: LoopOptions
      readonly wantsForecasts: boolean
    }
  | { readonly kind: 'call'; readonly id: number; readonly loop: number; readonly call: Call }
  | { readonly kind: 'halt'; readonly loop: number }
  /** To `ask`: the offset that the group has committed. */
  | { readonly kind: 'told'; readonly ask: number; readonly committed: CommittedOffset | undefined }
  | { readonly kind: 'untold'; readonly ask: number; readonly error: PlainError }
  | { readonly kind: 'close' }

/** What a report says beside its scores, which travel packed. */
export interface PortableReport extends Omit<StepReport, 'scores'> {
  readonly scores: PackedScores
  readonly events: readonly AlarmEvent[]
}

type Rest<T extends readonly unknown[]> = T extends readonly [TopicPartition, ...infer R] ? R : never

/** Observations whose arguments are plain as they are. */
export const PLAIN_OBSERVATIONS = [
  'partitionState',
  'restored',
  'checkpointRefused',
  'stepped',
  'progressed',
  'checkpointed',
  'modelInUse',
  'modelRefused',
  'closed',
] as const satisfies readonly (keyof PipelineObserver)[]
export type PlainObservation = (typeof PLAIN_OBSERVATIONS)[number]

export type Observation =
  | {
      [Method in PlainObservation]: {
        readonly method: Method
        readonly args: Rest<Parameters<PipelineObserver[Method]>>
      }
    }[PlainObservation]
  | { readonly method: 'commitFailed' | 'checkpointFailed'; readonly error: PlainError }
  | { readonly method: 'replayed'; readonly report: PortableReport }
  | {
      readonly method: 'committed'
      readonly task: Parameters<PipelineObserver['committed']>[1]
      readonly report: PortableReport
      readonly durationMs: number
    }

export type FromThread =
  | { readonly kind: 'done'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PlainError }
  | { readonly kind: 'ask'; readonly ask: number; readonly loop: number }
  | { readonly kind: 'observed'; readonly loop: number; readonly observation: Observation }
  | { readonly kind: 'due'; readonly loop: number; readonly due: DueForecasts }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string; readonly fields: LogFields }
  | { readonly kind: 'closed' }
