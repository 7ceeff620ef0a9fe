import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './ports.ts'

const READY_TIMEOUT_MS = 30_000

export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: number
  readonly timestampMs: number
}

export interface Prometheus {
  readonly url: string
  /** The instant vector of a PromQL expression. */
  query(expression: string): Promise<readonly PrometheusSample[]>
  /** Asks again until the vector is not empty (or until `accept` agrees), at most `timeoutMs`. */
  waitFor(
    expression: string,
    accept?: (samples: readonly PrometheusSample[]) => boolean,
    timeoutMs?: number,
  ): Promise<readonly PrometheusSample[]>
  /** The samples of each series of a selector as they are stored, with their own times. */
  samples(selector: string, seconds: number): Promise<readonly StoredSeries[]>
  /** The expression at each step of the last `seconds`, as a graph asks for it. */
  range(expression: string, seconds: number, stepSeconds: number): Promise<readonly StoredSeries[]>
  /** Ends the process and keeps its data; gives a function that starts it again, at the same address. */
  outage(): Promise<() => Promise<void>>
  stop(): Promise<void>
}

export interface StoredSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly samples: readonly { readonly timestampMs: number; readonly value: number }[]
}

export interface PrometheusOptions {
  /** Each a host:port whose /metrics is scraped; without it nothing is. */
  readonly target?: string | readonly string[]
  readonly scrapeIntervalMs?: number
  /** Keep the labels `job` and `instance` that series bring along, as the configuration under deploy/ does. */
  readonly honorLabels?: boolean
  /** Sent as a bearer token. */
  readonly bearerToken?: string
  /** Accept remote write at /api/v1/write. */
  readonly remoteWriteReceiver?: boolean
  /** Rule files, as YAML. */
  readonly rules?: string
}

/** Starts Debian's Prometheus on a free port of loopback, scraping what it is told. Its data are removed by stop. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-prometheus-'))
  writeFileSync(join(folder, 'prometheus.yml'), configuration(options))
  if (options.rules !== undefined) writeFileSync(join(folder, 'rules.yml'), options.rules)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const flags = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...(options.remoteWriteReceiver ? ['--web.enable-remote-write-receiver'] : []),
  ]
  let child: ChildProcess
  const stop = async () => {
    await endProcess(child)
    rmSync(folder, { recursive: true, force: true })
  }
  const start = async () => {
    child = spawn('prometheus', flags, { stdio: ['ignore', 'ignore', 'pipe'] })
    const output = lastOutput(child)
    if (await isReady(url, child)) return
    await stop()
    throw new Error(`prometheus did not start: ${output()}`)
  }
  await start()
  const query = (expression: string) => instantQuery(url, expression)
  return {
    url,
    query,
    samples: (selector, seconds) => matrix(url, `query?query=${encodeURIComponent(`${selector}[${seconds}s]`)}`),
    range: (expression, seconds, stepSeconds) => {
      const end = Date.now() / 1000
      const times = `start=${end - seconds}&end=${end}&step=${stepSeconds}`
      return matrix(url, `query_range?query=${encodeURIComponent(expression)}&${times}`)
    },
    stop,
    outage: async () => {
      await endProcess(child)
      return start
    },
    waitFor: async (expression, accept = (samples) => samples.length > 0, timeoutMs = 30_000) => {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const samples = await query(expression)
        if (accept(samples)) return samples
        if (Date.now() > deadline) {
          throw new Error(`${expression} is still ${JSON.stringify(samples)} after ${timeoutMs} ms`)
        }
        await sleep(100)
      }
    },
  }
}

function configuration({
  target,
  scrapeIntervalMs = 500,
  honorLabels = false,
  bearerToken,
  rules,
}: PrometheusOptions): string {
  return [
    'global:',
    `  scrape_interval: ${scrapeIntervalMs}ms`,
    `  evaluation_interval: ${scrapeIntervalMs}ms`,
    ...(rules === undefined ? [] : ['rule_files: [rules.yml]']),
    'scrape_configs:',
    '  - job_name: tidegauge',
    `    honor_labels: ${honorLabels}`,
    ...(bearerToken === undefined ? [] : ['    authorization:', `      credentials: ${bearerToken}`]),
    '    static_configs:',
    `      - targets: ${JSON.stringify([target ?? []].flat())}`,
    '',
  ].join('\n')
}

async function isReady(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (child.exitCode === null && Date.now() < deadline) {
    const response = await fetch(`${url}/-/ready`).catch(() => undefined)
    if (response?.ok) return true
    await sleep(50)
  }
  return false
}

interface Result {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

interface QueryResponse {
  readonly status: string
  readonly error?: string
  readonly data: { readonly result: readonly Result[] }
}

const numberOf = (text: string) => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text))
const sampleOf = ([seconds, text]: readonly [number, string]) => ({
  value: numberOf(text),
  timestampMs: Math.round(seconds * 1000),
})

async function ask(url: string, path: string): Promise<readonly Result[]> {
  const response = await fetch(`${url}/api/v1/${path}`)
  const body = (await response.json()) as QueryResponse
  if (body.status !== 'success') throw new Error(`${decodeURIComponent(path)}: ${body.error}`)
  return body.data.result
}

async function instantQuery(url: string, expression: string): Promise<readonly PrometheusSample[]> {
  const found = await ask(url, `query?query=${encodeURIComponent(expression)}`)
  return found.flatMap(({ metric, value }) => (value === undefined ? [] : [{ metric, ...sampleOf(value) }]))
}

async function matrix(url: string, path: string): Promise<readonly StoredSeries[]> {
  const found = await ask(url, path)
  return found.map(({ metric, values = [] }) => ({ metric, samples: values.map(sampleOf) }))
}

function lastOutput(child: ChildProcess): () => string {
  let output = ''
  child.on('error', (error) => {
    output += error.message
  })
  child.stderr?.on('data', (chunk) => {
    output = (output + chunk).slice(-4_000)
  })
  return () => output
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.on('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(late)
}
