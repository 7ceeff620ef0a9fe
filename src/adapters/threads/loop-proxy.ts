import type { Feedback } from '../../band/scored-point.ts'
import { fromPlainError } from '../../core/errors.ts'
import type { ModelRelease } from '../../pipeline/detector/band-model.ts'
import type { DueForecasts } from '../../runtime/due-forecasts.ts'
import type { Loop } from '../../runtime/loop.ts'
import type { PipelineObserver } from '../../runtime/observer.ts'
import type { LoopOptions } from '../../runtime/partition-loop.ts'
import type {
  BatchControl,
  CommittedOffset,
  FetchCommitted,
  RecordBatch,
  StartPosition,
  TopicPartition,
} from '../../runtime/ports.ts'
import { ScoreReader } from '../../runtime/report-codec.ts'
import type { StepReport } from '../../runtime/step-report.ts'
import type { Answer, Call, Observation, PortableReport } from './messages.ts'
import { buffersOf, packBatch } from './record-batch.ts'

/** While a thread works on a batch, the membership is kept alive from here. */
const HEARTBEAT_MS = 1_000

/** What a loop's proxy needs of the thread that it lives in. */
export interface LoopThread {
  call(loop: number, call: Call, transfer?: ArrayBuffer[]): Promise<Answer>
  halt(loop: number): void
  /** The loop is gone. */
  forget(loop: number): void
}

export interface ProxyPorts {
  readonly observer: PipelineObserver
  readonly forecastDue?: (due: DueForecasts) => void
  readonly activeModel?: () => ModelRelease | undefined
}

export interface LoopPlace {
  readonly id: number
  readonly thread: LoopThread
}

/** A loop that runs in another thread: calls go there, what it observes comes back. */
export class LoopProxy implements Loop {
  readonly partition: TopicPartition
  readonly options: LoopOptions
  readonly #place: LoopPlace
  readonly #ports: ProxyPorts
  readonly #reader = new ScoreReader()
  #fetchCommitted: FetchCommitted = async () => undefined
  /** The model that the thread was given last. */
  #given: ModelRelease | undefined

  constructor(partition: TopicPartition, options: LoopOptions, ports: ProxyPorts, place: LoopPlace) {
    this.partition = partition
    this.options = options
    this.#ports = ports
    this.#place = place
  }

  get wantsForecasts(): boolean {
    return this.#ports.forecastDue !== undefined
  }

  async assigned(fetchCommitted: FetchCommitted): Promise<StartPosition> {
    this.#fetchCommitted = fetchCommitted
    this.#given = this.#ports.activeModel?.()
    const answer = await this.#call({ method: 'assigned', activeModel: this.#given })
    return answer as StartPosition
  }

  async records(batch: RecordBatch, control: BatchControl): Promise<void> {
    const packed = packBatch(batch)
    const beating = setInterval(() => void control.heartbeat(), HEARTBEAT_MS)
    try {
      await this.#call({ method: 'records', batch: packed, tenure: control.tenure?.shared }, buffersOf(packed))
    } finally {
      clearInterval(beating)
    }
  }

  halt(): void {
    this.#place.thread.halt(this.#place.id)
  }

  async idle(): Promise<void> {
    await this.#call({ method: 'idle' })
  }

  async silent(): Promise<void> {
    await this.#call({ method: 'silent' })
  }

  async flush(): Promise<void> {
    await this.#call({ method: 'flush' })
  }

  async checkpoint(): Promise<void> {
    await this.#call({ method: 'checkpoint' })
  }

  async feedback(seriesKey: string, feedback: Feedback): Promise<boolean> {
    return (await this.#call({ method: 'feedback', seriesKey, feedback })) === true
  }

  /** The same model is offered again and again: it is copied to the thread once. */
  async adopt(release: ModelRelease | undefined): Promise<void> {
    const isSame = release === this.#given
    this.#given = release
    await this.#call({ method: 'adopt', release: isSame ? 'same' : release })
  }

  async revoked(): Promise<void> {
    try {
      await this.#call({ method: 'revoked' })
    } finally {
      this.#place.thread.forget(this.#place.id)
    }
  }

  #call(call: Call, transfer?: ArrayBuffer[]): Promise<Answer> {
    return this.#place.thread.call(this.#place.id, call, transfer)
  }

  /** Asked by the thread: what the group has committed. */
  fetchCommitted(): Promise<CommittedOffset | undefined> {
    return this.#fetchCommitted()
  }

  forecastDue(due: DueForecasts): void {
    this.#ports.forecastDue?.(due)
  }

  /** Tells the observer what was observed in the thread. */
  observed(observation: Observation): void {
    const { observer } = this.#ports
    if ('error' in observation) observer[observation.method](this.partition, fromPlainError(observation.error))
    else if (observation.method === 'replayed') observer.replayed(this.partition, this.#reportOf(observation.report))
    else if (observation.method === 'committed') {
      const { task, report, durationMs } = observation
      observer.committed(this.partition, task, this.#reportOf(report), durationMs)
    } else {
      const method = observer[observation.method] as (partition: TopicPartition, ...args: unknown[]) => void
      method.call(observer, this.partition, ...observation.args)
    }
  }

  #reportOf(portable: PortableReport): StepReport {
    const report = { ...portable, scores: this.#reader.unpack(portable.scores) }
    this.#reader.forget(portable.removed)
    return report
  }
}
