import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startProcess } from '../../src/app/process.ts'
import { parsePipeline } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { RecordingLogger } from '../support/recording-logger.ts'

const NOTHING = { variable: () => undefined, file: () => undefined }
const MINUTE_MS = 60_000
const SECRET = 'Bearer hunter2-hunter2-hunter2'

const pipelineText = (url: string) => `
name: web
source: { kafka: { topics: [metrics] } }
decode: { format: json, timestampUnit: ms }
period: { length: 1m, lateness: 0s }
detector: { trees: 5, sampleSize: 32 }
alarms:
  - { name: high, on: threshold, operator: GreaterThanThreshold, threshold: 50 }
sinks: { remoteWrite: { url: ${url}, allowPrivate: true, headers: { Authorization: "${SECRET}" } } }
`

let stateDir = ''
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'tidegauge-remote-write-'))
})
afterEach(() => rm(stateDir, { recursive: true }))

async function start(url: string) {
  const logger = new RecordingLogger()
  const pipeline = parsePipeline(pipelineText(url), 'web.yaml', NOTHING)
  const settings = loadSettings({ httpPort: '0', stateDir }, NOTHING)
  if (!pipeline.ok) throw pipeline.error
  if (!settings.ok) throw settings.error
  const embedded = { kind: 'push', path: '', follow: false, description: 'http' } as const
  const running = await startProcess({ settings: settings.value, pipelines: [pipeline.value], embedded, logger })
  await running.started
  const metrics = async () => (await fetch(`${running.url}/metrics`)).text()
  return { running, logger, metrics }
}

/** Minutes of one series that now and then is too high. */
function lines(startMs: number, from: number, to: number): Uint8Array[] {
  const encoder = new TextEncoder()
  return Array.from({ length: to - from }, (_, k) => {
    const i = from + k
    const value = i % 7 === 5 ? 90 + i : i / 8
    return encoder.encode(
      JSON.stringify({ name: 'cpu', labels: { host: 'a' }, timestamp: startMs + i * MINUTE_MS, value }),
    )
  })
}

interface Score {
  readonly timestamp: number
  readonly value: number
  readonly grade: number
}

async function output<T>(topic: string): Promise<readonly T[]> {
  const folder = join(stateDir, 'embedded', 'output')
  const names = (await readdir(folder, { recursive: true })).filter(
    (name) => name.includes(topic) && name.endsWith('.jsonl'),
  )
  const texts = await Promise.all(names.sort().map((name) => readFile(join(folder, name), 'utf8')))
  return texts.flatMap((text) => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T])))
}

it('Prometheus holds what the topic of scores holds, at the same times, over a restart', async () => {
  const prometheus = await startPrometheus({ remoteWriteReceiver: true })
  try {
    const startMs = Math.floor(Date.now() / MINUTE_MS - 40) * MINUTE_MS
    const first = await start(`${prometheus.url}/api/v1/write`)
    await first.running.push('web', lines(startMs, 0, 20))
    expect(await first.metrics()).not.toMatch(/^tidegauge_(value|anomaly_grade)\{/m)
    await first.running.stop()
    const second = await start(`${prometheus.url}/api/v1/write`)
    await second.running.push('web', lines(startMs, 20, 35))
    await second.running.stop()

    const scores = await output<Score>('scores')
    expect(scores).toHaveLength(34)
    const stored = async (name: string) => (await prometheus.samples(name, 3_600)).flatMap(({ samples }) => samples)
    const expected = (of: (score: Score) => number) =>
      scores.map((score) => ({ timestampMs: score.timestamp, value: of(score) }))
    expect(await stored('tidegauge_value{host="a",pipeline="web",metric="cpu"}')).toEqual(
      expected(({ value }) => value),
    )
    expect(await stored('tidegauge_anomaly_grade')).toEqual(expected(({ grade }) => grade))
    // The alarm compares with 50 and needs no second datapoint: each period has the state that its value brings.
    expect(await stored('tidegauge_alarm_state{alarm="high"}')).toEqual(expected(({ value }) => (value > 50 ? 2 : 0)))
  } finally {
    await prometheus.stop()
  }
})

it('says what a receiver refuses, counts it, and repeats no secret', async () => {
  const asked: (string | undefined)[] = []
  const receiver: Server = createServer((request, response) => {
    asked.push(request.headers.authorization)
    request.resume().on('end', () => response.writeHead(401).end('who are you?'))
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  const { running, logger, metrics } = await start(`http://127.0.0.1:${port}/hidden-path`)
  await running.push('web', lines(Math.floor(Date.now() / MINUTE_MS - 20) * MINUTE_MS, 0, 10))
  await expect
    .poll(metrics, { timeout: 10_000 })
    .toMatch(/tidegauge_remote_write_samples_dropped_total\{pipeline="web",reason="unauthorized"\} [1-9]/)
  await running.stop()
  receiver.close()
  expect(new Set(asked)).toEqual(new Set([SECRET]))
  const refusal = logger.lines.find(({ message }) => message === 'remote write refused samples')
  expect(refusal?.fields).toMatchObject({ pipeline: 'web', reason: 'unauthorized', answer: 'who are you?' })
  expect(JSON.stringify(logger.lines)).not.toMatch(/hunter2|hidden-path/)
})
