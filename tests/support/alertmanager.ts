import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from './ports.ts'

const BINARY = process.env['ALERTMANAGER_BINARY'] ?? 'prometheus-alertmanager'
const AMTOOL = process.env['AMTOOL_BINARY'] ?? 'amtool'
const READY_TIMEOUT_MS = 20_000
const STOP_TIMEOUT_MS = 5_000

export interface AmtoolAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly status: { readonly state: string }
}

/** A real Prometheus Alertmanager on a free port of this machine, with its data in a temporary folder. */
export class Alertmanager {
  readonly url: string
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url
    this.#child = child
    this.#folder = folder
  }

  static async start(): Promise<Alertmanager> {
    const folder = await mkdtemp(join(tmpdir(), 'tidegauge-alertmanager-'))
    const config = join(folder, 'alertmanager.yml')
    await writeFile(config, 'route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n')
    const port = await freePort()
    const flags = ['--config.file', config, '--storage.path', folder, '--cluster.listen-address=']
    const child = spawn(BINARY, [...flags, '--web.listen-address', `127.0.0.1:${port}`], { stdio: 'ignore' })
    const failed = new Promise<never>((_, reject) => {
      child.once('error', (error) =>
        reject(
          new Error(`${BINARY} does not start (Debian: apt-get install prometheus-alertmanager)`, { cause: error }),
        ),
      )
      child.once('exit', (code) => reject(new Error(`${BINARY} ended with ${code}`)))
    })
    failed.catch(() => {})
    const alertmanager = new Alertmanager(`http://127.0.0.1:${port}`, child, folder)
    try {
      await Promise.race([failed, alertmanager.#ready()])
    } catch (thrown) {
      await alertmanager.stop()
      throw thrown
    }
    return alertmanager
  }

  async #ready(): Promise<void> {
    const end = Date.now() + READY_TIMEOUT_MS
    while (Date.now() < end) {
      const answer = await fetch(`${this.url}/-/ready`).catch(() => undefined)
      if (answer?.ok === true) return
      await sleep(50)
    }
    throw new Error(`Alertmanager is not ready after ${READY_TIMEOUT_MS} ms`)
  }

  /** The alerts that fire now, as an operator sees them. */
  async firing(): Promise<readonly AmtoolAlert[]> {
    const flags = ['--alertmanager.url', this.url, '--output', 'json']
    const { stdout } = await promisify(execFile)(AMTOOL, ['alert', 'query', ...flags])
    return JSON.parse(stdout)
  }

  async stop(): Promise<void> {
    const exited = new Promise<void>((resolve) => {
      if (this.#child.exitCode !== null || this.#child.pid === undefined) resolve()
      else this.#child.once('exit', () => resolve())
    })
    this.#child.kill('SIGTERM')
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(kill)
    await rm(this.#folder, { recursive: true, force: true })
  }
}
