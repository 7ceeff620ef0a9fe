import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DASHBOARDS, dashboardPath } from '../../grafana/build.ts'
import { withModels } from '../../src/app/model-store.ts'
import { type RunningProcess, startProcess } from '../../src/app/process.ts'
import { parsePipeline } from '../../src/config/load.ts'
import { type FlagValues, loadSettings } from '../../src/config/settings.ts'
import { encodeModel } from '../../src/forecast/deepar/model-file.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import { type Dashboard, expressions, numbersOf, resolveVariables } from '../support/grafana.ts'
import { freshTopic, kafkaBrokers, publish, uniqueName } from '../support/kafka.ts'
import { dailySeries } from '../support/metric-series.ts'
import { freePort } from '../support/ports.ts'
import { type Prometheus, startPrometheus } from '../support/prometheus.ts'
import { trainedHourlyModel } from '../support/trained-model.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'

const NOTHING = { variable: () => undefined, file: () => undefined }
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const encoder = new TextEncoder()
const HOSTS = ['a', 'b', 'c']
/** Of what is read from a topic: it lies within the last 30 days. */
const START_MS = (Math.floor(Date.now() / HOUR_MS) - 210) * HOUR_MS
/** Periods that are pushed at once, and how many more come one by one while Prometheus scrapes. */
const HISTORY = 200
const WATCHED = 24

const hourly = (hook: string) => `
name: web
source: { kafka: { topics: [metrics] } }
decode: { format: json, timestampUnit: ms }
period: { length: 1h, lateness: 0s }
detector: { trees: 10, sampleSize: 64, levelShift: keepAlerting }
band: { model: deepar }
forecast: { horizon: 24, every: 1h, samples: 20 }
alarms:
  - { name: high, on: threshold, operator: GreaterThanThreshold, threshold: 1000, actions: { alarm: [hook], ok: [hook] } }
notify:
  - { name: hook, webhook: { url: ${hook}, allowPrivate: true } }
delivery: { maxAge: 36500d }
checkpoint: { interval: 1s }
`

/** Prometheus takes what is younger than an hour: minutes, and not the hours of the other one. */
const written = (receiver: string) => `
name: minutes
source: { kafka: { topics: [minutes] } }
decode: { format: json, timestampUnit: ms }
period: { length: 1m, lateness: 0s }
detector: { trees: 5, sampleSize: 32 }
sinks: { remoteWrite: { url: ${receiver}, allowPrivate: true } }
`

/** Trains its model anew from its topic: the one published before is the champion. */
const retrained = (topic: string) => `
name: ${topic}
source: { kafka: { topics: [${topic}], from: earliest } }
period: { length: 1h, lateness: 0s }
detector: { trees: 2, sampleSize: 16 }
forecast: { horizon: 12, retrain: { every: 10s, history: 30d, steps: 20 } }
`

function minutes(): Uint8Array[] {
  const startMs = Math.floor(Date.now() / MINUTE_MS - 30) * MINUTE_MS
  return Array.from({ length: 30 }, (_, i) =>
    encoder.encode(JSON.stringify({ name: 'q', labels: {}, timestamp: startMs + i * MINUTE_MS, value: i % 5 })),
  )
}

function lines(from: number, to: number, change: (value: number) => number = (value) => value): Uint8Array[] {
  const made = dailySeries(HOSTS.length, HISTORY + WATCHED + 2)
  // Always the same hours: what is graded depends on nothing but these values.
  const startMs = Date.UTC(2024, 0, 1)
  return Array.from({ length: to - from }, (_, k) => from + k).flatMap((i) =>
    HOSTS.map((host, h) => {
      const value = change(made[h]?.target[i] ?? 0)
      return encoder.encode(JSON.stringify({ name: 'm', labels: { host }, timestamp: startMs + i * HOUR_MS, value }))
    }),
  )
}

/** What is to be stopped, in the order in which it was started: all of it, even when what came next did not start. */
type Started = (() => Promise<unknown>)[]

/** A pipeline with a model, alarms and a receiver, over a history and then for some seconds under a real Prometheus. */
async function live(started: Started): Promise<Prometheus> {
  const stateDir = await mkdtemp(join(tmpdir(), 'tidegauge-dashboards-'))
  started.push(() => rm(stateDir, { recursive: true }))
  const receiver = await WebhookReceiver.start(`whsec_${Buffer.alloc(32).toString('base64')}`, () => ({ status: 204 }))
  started.push(() => receiver.stop())
  const [httpPort, retrainedPort] = [String(await freePort()), String(await freePort())]
  const prometheus = await startPrometheus({
    target: [`127.0.0.1:${httpPort}`, `127.0.0.1:${retrainedPort}`],
    honorLabels: true,
    remoteWriteReceiver: true,
  })
  started.push(() => prometheus.stop())
  const texts = [hourly(`http://127.0.0.1:${receiver.port}/`), written(`${prometheus.url}/api/v1/write`)]
  const model = encodeModel(await trainedHourlyModel())
  const running = await startWith(texts, { httpPort, stateDir }, model)
  started.push(() => running.stop())
  await retrainedOnKafka(started, retrainedPort, model)
  const push = async (records: Uint8Array[]) =>
    expect(await running.push('web', records)).toMatchObject({ kind: 'taken' })
  await push(lines(0, HISTORY))
  expect(await running.push('minutes', minutes())).toMatchObject({ kind: 'taken' })
  for (let i = HISTORY; i < HISTORY + WATCHED; i++) {
    // The newest closed period is an incident like none before: what shows the present has something to show.
    const factor = i === HISTORY + WATCHED - 2 ? 50_000 : i % 8 > 5 ? 200 : 1
    const records = lines(i, i + 1, (value) => value * factor)
    await push(i % 2 === 0 ? records : [...records, encoder.encode('{')])
    await sleep(400)
  }
  // Its scrape, too, is to have happened before anybody looks.
  await prometheus.waitFor('tidegauge_anomaly_grade{pipeline="web"} > 0')
  await prometheus.waitFor('tidegauge_retraining_wql{contender="champion"}', undefined, 90_000)
  return prometheus
}

/** A process of these pipelines, of which the first one has a model before it begins. */
async function startWith(texts: readonly string[], flags: FlagValues, model: Uint8Array): Promise<RunningProcess> {
  const pipelines = texts.map((text) => {
    const parsed = parsePipeline(text, 'test.yaml', NOTHING)
    if (!parsed.ok) throw parsed.error
    return parsed.value
  })
  const settings = loadSettings(flags, NOTHING)
  if (!settings.ok) throw settings.error
  const name = pipelines[0]?.name ?? ''
  await withModels(settings.value, silentLogger, (models) => models.publish(name, model))
  const pushed = { kind: 'push', path: '', follow: false, description: 'http' } as const
  const embedded = flags['brokers'] === undefined ? pushed : undefined
  const running = await startProcess({ settings: settings.value, pipelines, embedded, logger: silentLogger })
  await running.started
  return running
}

async function retrainedOnKafka(started: Started, httpPort: string, model: Uint8Array): Promise<void> {
  const topic = await freshTopic(1)
  const records = dailySeries(4, HISTORY).flatMap(({ itemId, target }) =>
    Array.from(target, (value, i) => ({ itemId, value, timestamp: START_MS + i * HOUR_MS })),
  )
  const ordered = records.sort((a, b) => a.timestamp - b.timestamp)
  await publish(
    topic,
    ordered.map(({ itemId, value, timestamp }) => ({
      value: JSON.stringify({ name: 'load', labels: { host: itemId }, timestamp, value }),
      timestampMs: timestamp,
    })),
  )
  const stateDir = await mkdtemp(join(tmpdir(), 'tidegauge-dashboards-'))
  started.push(() => rm(stateDir, { recursive: true }))
  const flags = { httpPort, stateDir, brokers: kafkaBrokers().join(','), modelsTopic: uniqueName('models') }
  const running = await startWith([retrained(topic)], flags, model)
  started.push(() => running.stop())
}

describe('every query of every dashboard', () => {
  const started: Started = []
  let prometheus: Prometheus
  beforeAll(async () => {
    prometheus = await live(started)
  })
  afterAll(async () => {
    for (const stop of started.reverse()) await stop()
  })

  it.each(DASHBOARDS)('$file has data', async ({ file }) => {
    const dashboard = JSON.parse(readFileSync(dashboardPath(file), 'utf8')) as Dashboard
    const values = await resolveVariables(dashboard, prometheus)
    const empty: string[] = []
    for (const expression of expressions(dashboard)) {
      const numbers = await numbersOf(expression, values, prometheus)
      if (numbers.length === 0) empty.push(`${expression.name}: ${expression.expr}`)
    }
    expect(empty).toEqual([])
  })
})
