import type { Worker } from 'node:worker_threads'
import { asTidegaugeError, fromPlainError, TidegaugeError, toPlainError } from '../../core/errors.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { Loop } from '../../runtime/loop.ts'
import type { LoopOptions } from '../../runtime/partition-loop.ts'
import type { TopicPartition } from '../../runtime/ports.ts'
import { LoopProxy, type LoopThread, type ProxyPorts } from './loop-proxy.ts'
import type { Answer, Call, FromThread, ToThread } from './messages.ts'

export interface PoolOptions {
  /** Threads at most; beyond the first few they are started as partitions come. */
  readonly threads: number
  /** Starts a thread whose program serves loops. */
  readonly start: () => Worker
  readonly logger: Logger
}

/** Started at once: a process that takes over partitions is not to wait for a thread's start, too. */
const READY = 2

/** Threads that partition loops run in: a new loop goes to the one with the fewest. */
export class LoopPool {
  readonly #options: PoolOptions
  readonly #threads: Thread[] = []

  constructor(options: PoolOptions) {
    this.#options = options
    for (let i = 0; i < Math.min(READY, options.threads); i++) this.#begin()
  }

  open(partition: TopicPartition, options: LoopOptions, ports: ProxyPorts): Loop {
    return this.#thread().open(partition, options, ports)
  }

  #thread(): Thread {
    const living = this.#threads.filter((thread) => !thread.lost)
    const [idlest] = living.sort((a, b) => a.loops - b.loops)
    if (idlest !== undefined && (idlest.loops === 0 || living.length >= this.#options.threads)) return idlest
    return this.#begin()
  }

  #begin(): Thread {
    const thread = new Thread(this.#options.start(), this.#options.logger)
    this.#threads.push(thread)
    return thread
  }

  /** Ends the threads, once their loops are closed. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }
}

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: TidegaugeError) => void
}

/** One thread, seen from outside. */
class Thread implements LoopThread {
  readonly #worker: Worker
  readonly #logger: Logger
  readonly #proxies = new Map<number, LoopProxy>()
  readonly #waiting = new Map<number, Waiting>()
  #closed: (() => void) | undefined
  #lost: TidegaugeError | undefined
  #nextLoop = 0
  #nextCall = 0

  constructor(worker: Worker, logger: Logger) {
    this.#worker = worker
    this.#logger = logger
    worker.on('message', (message: FromThread) => this.#on(message))
    worker.on('error', (cause) => this.#lose(cause))
    worker.on('exit', (code) => this.#lose(new Error(`it ended with ${code}`)))
  }

  get loops(): number {
    return this.#proxies.size
  }

  get lost(): boolean {
    return this.#lost !== undefined
  }

  open(partition: TopicPartition, options: LoopOptions, ports: ProxyPorts): Loop {
    const id = this.#nextLoop++
    const proxy = new LoopProxy(partition, options, ports, { id, thread: this })
    this.#proxies.set(id, proxy)
    this.#send({ kind: 'open', loop: id, partition, options, wantsForecasts: proxy.wantsForecasts })
    return proxy
  }

  call(loop: number, call: Call, transfer: ArrayBuffer[] = []): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(this.#lost)
        return
      }
      const id = this.#nextCall++
      this.#waiting.set(id, { resolve, reject })
      this.#send({ kind: 'call', id, loop, call }, transfer)
    })
  }

  halt(loop: number): void {
    this.#send({ kind: 'halt', loop })
  }

  forget(loop: number): void {
    this.#proxies.delete(loop)
  }

  async close(): Promise<void> {
    if (this.#lost === undefined) {
      await new Promise<void>((resolve) => {
        this.#closed = resolve
        this.#send({ kind: 'close' })
      })
    }
    this.#lost ??= new TidegaugeError('INTERNAL', 'the thread was stopped')
    await this.#worker.terminate()
  }

  #send(message: ToThread, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer)
  }

  #on(message: FromThread): void {
    if (message.kind === 'done') this.#take(message.id)?.resolve(message.answer)
    else if (message.kind === 'failed') this.#take(message.id)?.reject(fromPlainError(message.error))
    else if (message.kind === 'observed') this.#proxies.get(message.loop)?.observed(message.observation)
    else if (message.kind === 'due') this.#proxies.get(message.loop)?.forecastDue(message.due)
    else if (message.kind === 'ask') this.#tell(message.ask, message.loop)
    else if (message.kind === 'log') this.#logger.log(message.level, message.message, message.fields)
    else this.#closed?.()
  }

  #tell(ask: number, loop: number): void {
    const asked = this.#proxies.get(loop)?.fetchCommitted() ?? Promise.resolve(undefined)
    asked.then(
      (committed) => this.#send({ kind: 'told', ask, committed }),
      (thrown: unknown) => this.#send({ kind: 'untold', ask, error: toPlainError(thrown) }),
    )
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  /** A thread that ended by itself takes its partitions' unfinished work with it: nothing of that became visible. */
  #lose(cause: unknown): void {
    if (this.#lost !== undefined) return
    const { message } = asTidegaugeError(cause)
    const error = new TidegaugeError('THREAD_LOST', `a thread of partition tasks was lost: ${message}`, { cause })
    this.#lost = error
    this.#logger.error(error.message, { code: error.code })
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    this.#closed?.()
  }
}
