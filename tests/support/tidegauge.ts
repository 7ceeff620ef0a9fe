import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START_TIMEOUT_MS = 60_000
const LINES_KEPT = 2_000

export interface TidegaugeOptions {
  /** A pipeline file. */
  readonly file: string
  readonly stateDir: string
  /** undefined runs embedded. */
  readonly brokers: readonly string[] | undefined
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

export interface Health {
  readonly status: 'ok' | 'failing'
  readonly problems: readonly { readonly reason: string; readonly pipeline: string | null; readonly detail: string }[]
}

export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const living = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/** `tidegauge run FILE` as a process of its own, on a free port. */
export class Tidegauge {
  /** The newest lines of its log. */
  readonly log: LogLine[] = []
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  #rest = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        living.delete(child)
        resolve({ code, signal })
      })
    })
    child.stderr?.on('data', (chunk: Buffer) => this.#take(chunk.toString()))
  }

  static start({ file, stateDir, brokers, flags = [], env = {} }: TidegaugeOptions): Tidegauge {
    const where = brokers === undefined ? ['--embedded'] : ['--brokers', brokers.join(',')]
    const args = ['--import', 'tsx', 'src/main.ts', 'run', file, ...where]
    const child = spawn(process.execPath, [...args, '--state-dir', stateDir, '--http-port', '0', ...flags], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    living.add(child)
    return new Tidegauge(child)
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines.filter((one) => one !== '')) this.log.push(parsed(line))
    this.log.splice(0, this.log.length - LINES_KEPT)
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Waits for a line of the log. @throws Error with the log when the process ends before, or too much time passes. */
  async said(wanted: (line: LogLine) => boolean, timeoutMs = START_TIMEOUT_MS): Promise<LogLine> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const found = this.log.find(wanted)
      if (found !== undefined) return found
      if (!this.isAlive || Date.now() > deadline) {
        const state = this.isAlive ? `was silent for ${timeoutMs} ms` : 'ended'
        throw new Error(`the process ${state}: ${this.tail()}`)
      }
      await sleep(20)
    }
  }

  /** The end of its log, for a message. */
  tail(lines = 20): string {
    return this.log
      .slice(-lines)
      .map((line) => JSON.stringify(line))
      .join('\n')
  }

  async url(): Promise<string> {
    return String((await this.said(({ msg }) => msg === 'listening'))['url'])
  }

  async health(probe: 'live' | 'ready' = 'ready'): Promise<Health> {
    const response = await fetch(`${await this.url()}/health/${probe}`)
    return (await response.json()) as Health
  }

  /** Waits until /health/ready agrees, at most `timeoutMs`. */
  async ready(accept = ({ status }: Health) => status === 'ok', timeoutMs = START_TIMEOUT_MS): Promise<Health> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const health = await this.health()
      if (accept(health)) return health
      if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(health)}; ${this.tail()}`)
      await sleep(50)
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** kill -9: nobody says goodbye. */
  async kill(): Promise<Ended> {
    this.#child.kill('SIGKILL')
    return this.ended
  }

  /** SIGTERM, and kill -9 for one that does not end in time: its exit is then not 0. */
  async stop(timeoutMs = 60_000): Promise<Ended> {
    this.#child.kill('SIGTERM')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs)
    const ended = await this.ended
    clearTimeout(late)
    return ended
  }
}

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine
  } catch {
    return { level: 'raw', msg: line }
  }
}
