import type { MessagePort } from 'node:worker_threads'
import { fromPlainError, type PlainError, type TidegaugeError, toPlainError } from '../../core/errors.ts'
import type { ModelRelease } from '../../pipeline/detector/band-model.ts'
import type { DueForecasts } from '../../runtime/due-forecasts.ts'
import { type LogFields, type Logger, loggerBy } from '../../runtime/logger.ts'
import type { Loop } from '../../runtime/loop.ts'
import type { PipelineObserver } from '../../runtime/observer.ts'
import type { LoopOptions } from '../../runtime/partition-loop.ts'
import type { BatchControl, CommittedOffset, FetchCommitted, TopicPartition } from '../../runtime/ports.ts'
import { ScoreWriter } from '../../runtime/report-codec.ts'
import type { StepReport } from '../../runtime/step-report.ts'
import { Tenure } from '../../runtime/tenure.ts'
import {
  type Answer,
  type Call,
  type FromThread,
  type Observation,
  PLAIN_OBSERVATIONS,
  type PortableReport,
  type ToThread,
} from './messages.ts'
import { unpackBatch } from './record-batch.ts'

/** What a loop in this thread is made with; the rest of its ports are the thread's own. */
export interface HostedPorts {
  readonly observer: PipelineObserver
  readonly forecastDue?: (due: DueForecasts) => void
  readonly activeModel: () => ModelRelease | undefined
}

/** What the thread's own program brings. */
export interface ThreadProgram {
  open(partition: TopicPartition, options: LoopOptions, ports: HostedPorts): Loop
  /** Closes what the loops shared. */
  close(): Promise<void>
}

type Open = Extract<ToThread, { kind: 'open' }>

interface Hosted {
  readonly loop: Loop
  activeModel: ModelRelease | undefined
}

interface Asked {
  readonly resolve: (committed: CommittedOffset | undefined) => void
  readonly reject: (error: TidegaugeError) => void
}

/** Between two slices messages get their turn, so that what is asked meanwhile is heard. */
const takeTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

const AT_REST: BatchControl = { heartbeat: takeTurn, isCurrent: () => true }

/** A thread's side of the pool: runs loops for the main thread, and tells it all that they do. */
export class LoopServer {
  readonly #port: MessagePort
  readonly #program: ThreadProgram
  readonly #loops = new Map<number, Hosted>()
  readonly #asked = new Map<number, Asked>()
  #asks = 0

  private constructor(port: MessagePort, program: ThreadProgram) {
    this.#port = port
    this.#program = program
    port.on('message', (message: ToThread) => this.#on(message))
  }

  static serve(port: MessagePort, program: ThreadProgram): void {
    new LoopServer(port, program)
  }

  #send(message: FromThread, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer)
  }

  #on(message: ToThread): void {
    if (message.kind === 'open') this.#open(message)
    else if (message.kind === 'call') this.#call(message.id, message.loop, message.call)
    else if (message.kind === 'halt') this.#loops.get(message.loop)?.loop.halt()
    else if (message.kind === 'told') this.#take(message.ask)?.resolve(message.committed)
    else if (message.kind === 'untold') this.#take(message.ask)?.reject(fromPlainError(message.error))
    else void this.#program.close().finally(() => this.#send({ kind: 'closed' }))
  }

  #open({ loop: id, partition, options, wantsForecasts }: Open): void {
    const loop = this.#program.open(partition, options, {
      observer: this.#observerOf(id),
      ...(wantsForecasts && { forecastDue: (due) => this.#send({ kind: 'due', loop: id, due }) }),
      activeModel: () => this.#loops.get(id)?.activeModel,
    })
    this.#loops.set(id, { loop, activeModel: undefined })
  }

  #call(id: number, loop: number, call: Call): void {
    const hosted = this.#loops.get(loop)
    const answered = hosted === undefined ? Promise.resolve(undefined) : this.#answer(loop, hosted, call)
    answered.then(
      (answer) => this.#send({ kind: 'done', id, answer }),
      (thrown: unknown) => this.#send({ kind: 'failed', id, error: toPlainError(thrown) }),
    )
  }

  async #answer(id: number, hosted: Hosted, call: Call): Promise<Answer> {
    const { loop } = hosted
    switch (call.method) {
      case 'assigned':
        hosted.activeModel = call.activeModel
        return loop.assigned(this.#fetchCommitted(id))
      case 'records':
        await loop.records(unpackBatch(call.batch), controlOf(call.tenure))
        return undefined
      case 'feedback':
        return loop.feedback(call.seriesKey, call.feedback, AT_REST)
      case 'adopt':
        if (call.release !== 'same') hosted.activeModel = call.release
        await loop.adopt(hosted.activeModel, AT_REST)
        return undefined
      case 'revoked':
        this.#loops.delete(id)
        await loop.revoked(AT_REST)
        return undefined
      default:
        await loop[call.method](AT_REST)
        return undefined
    }
  }

  #fetchCommitted(loop: number): FetchCommitted {
    return () =>
      new Promise((resolve, reject) => {
        const ask = this.#asks++
        this.#asked.set(ask, { resolve, reject })
        this.#send({ kind: 'ask', ask, loop })
      })
  }

  #take(ask: number): Asked | undefined {
    const asked = this.#asked.get(ask)
    this.#asked.delete(ask)
    return asked
  }

  #observerOf(loop: number): PipelineObserver {
    const writer = new ScoreWriter()
    const tell = (observation: Observation, transfer: ArrayBuffer[] = []) =>
      this.#send({ kind: 'observed', loop, observation }, transfer)
    const plain = Object.fromEntries(
      PLAIN_OBSERVATIONS.map((method) => [
        method,
        (_: TopicPartition, ...args: unknown[]) => tell({ method, args } as Observation),
      ]),
    ) as Pick<PipelineObserver, (typeof PLAIN_OBSERVATIONS)[number]>
    return {
      ...plain,
      commitFailed: (_, error) => tell({ method: 'commitFailed', error: toPlainError(error) }),
      checkpointFailed: (_, error) => tell({ method: 'checkpointFailed', error: toPlainError(error) }),
      replayed: (_, report) => {
        const portable = toPortable(report, writer)
        tell({ method: 'replayed', report: portable }, [portable.scores.numbers.buffer])
      },
      committed: (_, task, report, durationMs) => {
        const portable = toPortable(report, writer)
        tell({ method: 'committed', task, report: portable, durationMs }, [portable.scores.numbers.buffer])
      },
    }
  }
}

function toPortable(report: StepReport, writer: ScoreWriter): PortableReport {
  const portable = { ...report, scores: writer.pack(report.scores) }
  writer.forget(report.removed)
  return portable
}

function controlOf(shared: Int32Array<SharedArrayBuffer> | undefined): BatchControl {
  if (shared === undefined) return AT_REST
  const tenure = new Tenure(shared)
  return { heartbeat: takeTurn, isCurrent: () => tenure.isCurrent }
}

/** A logger that hands its lines to the main thread. */
export function portLogger(port: MessagePort, bound: LogFields = {}): Logger {
  return loggerBy(
    (level, message, fields = {}) => {
      const line: FromThread = { kind: 'log', level, message, fields: plainFields({ ...bound, ...fields }) }
      port.postMessage(line)
    },
    (fields) => portLogger(port, { ...bound, ...fields }),
  )
}

/** An error under a field crosses as what it says: its class would be lost on the way. */
function plainFields(fields: LogFields): LogFields {
  const plain: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) plain[name] = portableField(value)
  return plain
}

function portableField(value: unknown): unknown {
  if (value instanceof Error) return toPlainError(value) satisfies PlainError
  return typeof value === 'object' || typeof value === 'function' ? String(value) : value
}
