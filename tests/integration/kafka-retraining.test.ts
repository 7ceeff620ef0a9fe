import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { readTopicSeries } from '../../src/app/forecasting/topic-series.ts'
import { startProcess } from '../../src/app/process.ts'
import { parsePipeline } from '../../src/config/load.ts'
import type { PipelineConfig } from '../../src/config/schema/pipeline.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { decodeModel } from '../../src/forecast/deepar/model-file.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import { freshTopic, kafkaBrokers, publish, testClient, uniqueName } from '../support/kafka.ts'
import { dailySeries } from '../support/metric-series.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const HOUR = 3_600_000
const HOURS = 300
const NOTHING = { variable: () => undefined, file: () => undefined }
/** Hours that come after the history. */
const MORE = 30
const SERIES = dailySeries(6, HOURS + MORE, 3)
const START = (Math.floor(Date.now() / HOUR) - HOURS - MORE) * HOUR

/** A topic of two partitions with the hours of six series, three in each, in the order of time. */
async function filledTopic(): Promise<string> {
  const topic = await freshTopic(2)
  await fill(topic, 0, HOURS)
  return topic
}

async function fill(topic: string, from: number, to: number): Promise<void> {
  const records = Array.from({ length: (to - from) * SERIES.length }, (_, i) => {
    const [t, s] = [from + Math.floor(i / SERIES.length), i % SERIES.length]
    const timestamp = START + t * HOUR
    const value = { name: 'load', labels: { host: `h${s}` }, timestamp, value: SERIES[s]!.target[t] }
    return { value: JSON.stringify(value), timestampMs: timestamp, partition: s % 2 }
  })
  await publish(topic, records)
}

function pipelineOf(name: string, topic: string): PipelineConfig {
  const text = `
name: ${name}
source: { kafka: { topics: [${topic}], from: earliest } }
period: { length: 1h, lateness: 0s }
detector: { trees: 2, sampleSize: 16 }
band: { model: auto }
forecast: { horizon: 6, retrain: { every: 10s, history: 30d, steps: 250 } }
sinks: { scores: { topic: ${name}-scores }, alarms: { topic: ${name}-alarms }, forecasts: { topic: ${name}-forecasts } }
`
  const parsed = parsePipeline(text, 'load.yaml', NOTHING)
  if (!parsed.ok) throw parsed.error
  return parsed.value
}

it('reads a topic again from a time, as the tasks would, and leaves no trace in the groups', async () => {
  const topic = await filledTopic()
  const kafka = testClient()
  const config = pipelineOf(uniqueName('load'), topic)
  const found = await readTopicSeries(kafka, config, START + 100 * HOUR)
  const byHost = new Map(found.map((one) => [one.itemId, one]))
  expect([...byHost.keys()].sort()).toEqual(SERIES.map((_, s) => `load{host="h${s}"}`))
  SERIES.forEach(({ target }, s) => {
    const one = byHost.get(`load{host="h${s}"}`)
    expect(one?.startMs).toBe(START + 100 * HOUR)
    // The newest hour is still open.
    expect([...(one?.target ?? [])]).toEqual([...target.slice(100, HOURS - 1)])
  })
  const admin = kafka.admin()
  onTestFinished(() => admin.disconnect())
  const { groups } = await admin.listGroups()
  expect(groups.map(({ groupId }) => groupId).filter((id) => id === '' || id.includes(config.name))).toEqual([])
})

it('a process trains on the history of its topic, publishes what is better than the baseline, and forecasts with it', async () => {
  const topic = await filledTopic()
  const config = pipelineOf(uniqueName('load'), topic)
  const stateDir = await mkdtemp(join(tmpdir(), 'tidegauge-retraining-'))
  onTestFinished(() => rm(stateDir, { recursive: true }))
  const flags = { brokers: kafkaBrokers().join(','), httpPort: '0', stateDir, modelsTopic: uniqueName('models') }
  const settings = loadSettings(flags, NOTHING)
  if (!settings.ok) throw settings.error
  const logger = silentLogger
  const running = await startProcess({ settings: settings.value, pipelines: [config], embedded: undefined, logger })
  onTestFinished(() => running.stop())
  await running.started
  const metric = async (pattern: RegExp) => {
    const page = await (await fetch(`${running.url}/metrics`)).text()
    return Number(pattern.exec(page)?.[1] ?? Number.NaN)
  }
  for (let i = 0; i < 1_000; i++) {
    if ((await metric(/tidegauge_model_version\{[^}]*\} (\d+)/)) >= 1) break
    await sleep(100)
  }
  expect(await metric(/tidegauge_model_version\{[^}]*\} (\d+)/)).toBeGreaterThanOrEqual(1)
  expect(await metric(/tidegauge_retraining_rounds_total\{[^}]*outcome="published"\} (\d+)/)).toBeGreaterThanOrEqual(1)
  expect(await metric(/tidegauge_retraining_progress_ratio\{[^}]*\} (\S+)/)).toBeGreaterThan(0)

  const forecasts = new Map<string, { readonly mean: readonly number[]; readonly modelVersion: number }>()
  const consumer = testClient().consumer({ groupId: uniqueName('reader') })
  onTestFinished(() => consumer.disconnect())
  await consumer.connect()
  await consumer.subscribe({ topic: `${config.name}-forecasts`, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      forecasts.set(String(message.key), JSON.parse(String(message.value)))
    },
  })
  await fill(topic, HOURS, HOURS + MORE)
  for (let i = 0; i < 300 && forecasts.size < SERIES.length; i++) await sleep(100)
  expect([...forecasts.keys()].sort()).toEqual(SERIES.map((_, s) => `load{host="h${s}"}`))
  SERIES.forEach(({ target }, s) => {
    const { mean, modelVersion } = forecasts.get(`load{host="h${s}"}`)!
    const [low, high] = [Math.min(...target), Math.max(...target)]
    expect(modelVersion).toBeGreaterThanOrEqual(1)
    expect(mean).toHaveLength(6)
    expect(mean.every((value) => value > 0.7 * low && value < 1.3 * high)).toBe(true)
  })
})

it('train --topic learns from the same history', async () => {
  const topic = await filledTopic()
  const folder = await mkdtemp(join(tmpdir(), 'tidegauge-train-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const out = join(folder, 'model')
  const brokers = kafkaBrokers().join(',')
  const flags = ['--topic', topic, '--brokers', brokers, '--from', '30d', '--freq', 'h', '--horizon', '6']
  const args = ['src/main.ts', 'train', ...flags, '--steps', '30', '--out', out, '--json']
  const done = spawnSync(process.execPath, ['--import', 'tsx', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 90_000,
  })
  expect(done.status, done.stderr).toBe(0)
  const model = decodeModel(await readFile(out), out)
  expect(model.record.series).toBe(SERIES.length)
  expect(model.config).toMatchObject({ frequency: 'h', horizon: 6 })
})
