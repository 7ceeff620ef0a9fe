import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Tidegauge } from '../support/tidegauge.ts'

export interface ProcessGroupOptions {
  readonly file: string
  readonly brokers: readonly string[]
  /** Each process has its own state in it. */
  readonly folder: string
  readonly processes: number
}

/** Several processes of one consumer group. One that ends, whatever the cause, is started again. */
export class ProcessGroup {
  readonly #options: ProcessGroupOptions
  readonly #members: Tidegauge[]
  /** Processes whose disk is gone when they end. */
  readonly #losing = new Set<number>()
  #stopping = false
  /** Ends that nobody had ordered. */
  readonly crashes: string[] = []

  constructor(options: ProcessGroupOptions) {
    this.#options = options
    this.#members = Array.from({ length: options.processes }, (_, i) => this.#start(i))
  }

  #start(index: number): Tidegauge {
    const { file, brokers, folder } = this.#options
    const stateDir = join(folder, `process-${index}`)
    const member = Tidegauge.start({ file, brokers, stateDir, flags: ['--kafka-session-timeout', '3s'] })
    void member.ended.then(({ code, signal }) => {
      if (this.#stopping) return
      if (signal !== 'SIGKILL') this.crashes.push(`process ${index} ended with ${code ?? signal}: ${member.tail()}`)
      if (this.#losing.delete(index)) rmSync(stateDir, { recursive: true, force: true })
      this.#members[index] = this.#start(index)
    })
    return member
  }

  /** kill -9; the process is started again at once, with the state that it had on disk or without. */
  async kill(index: number, loseState = false): Promise<void> {
    if (loseState) this.#losing.add(index)
    await this.#members[index]?.kill()
  }

  /** Waits until every process says that it does its work. */
  async ready(timeoutMs: number): Promise<void> {
    await Promise.all(this.#members.map((member) => member.ready(undefined, timeoutMs)))
  }

  /** SIGTERM to all at once. @throws Error when one does not end as it should. */
  async stop(): Promise<void> {
    this.#stopping = true
    const ends = await Promise.all(this.#members.map((member) => member.stop()))
    for (const [i, { code, signal }] of ends.entries()) {
      if (code !== 0) this.crashes.push(`process ${i} stopped with ${code ?? signal}: ${this.#members[i]?.tail()}`)
    }
    // The handles of what was started last need a moment to close.
    await sleep(0)
  }

  tail(): string {
    return this.#members.map((member, i) => `--- process ${i}\n${member.tail(15)}`).join('\n')
  }
}
