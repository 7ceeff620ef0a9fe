import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type ProducerConfig } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningProcess, startProcess } from '../../src/app/process.ts'
import { parsePipeline } from '../../src/config/load.ts'
import type { PipelineConfig } from '../../src/config/schema/pipeline.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { eventually, freshTopic, kafkaBrokers, testClient, uniqueName } from '../support/kafka.ts'
import { RecordingLogger } from '../support/recording-logger.ts'
import { minutesAgo } from '../support/run-lab.ts'

const PARTITIONS = 4
/** No multiple of the partitions: else a producer that takes turns would keep each series in one of them. */
const HOSTS = 61
const { DefaultPartitioner, LegacyPartitioner } = kafkajs.Partitioners

/** One pipeline for each way of producing; all of them run in one process. */
const CASES = ['java', 'legacy', 'crc32', 'murmur2-random', 'keyless', 'mixed'] as const
type Case = (typeof CASES)[number]

const environment = { variable: () => undefined, file: () => undefined }

function pipelineOf(name: Case, topic: string): PipelineConfig {
  const group = uniqueName(`placement-${name}`)
  const text = `
name: ${name}
source: { kafka: { topics: [${topic}], group: ${group}, from: earliest } }
detector: { kind: off }
sinks:
  scores: { topic: ${group}.scores }
  alarms: { topic: ${group}.alarms }
  deadLetter: { topic: ${group}.dead-letter }
commit: { interval: 100ms }
checkpoint: { changelog: { enabled: false } }
`
  const parsed = parsePipeline(text, name, environment)
  if (!parsed.ok) throw parsed.error
  return parsed.value
}

/** Five minutes of samples of some hosts, each record with the key of its series. */
function messages(from = 0, to = HOSTS) {
  const startMs = minutesAgo(30)
  return Array.from({ length: 5 }, (_, minute) =>
    Array.from({ length: to - from }, (__, i) => {
      const host = `host-${from + i}`
      const timestamp = startMs + minute * 60_000
      return {
        key: `cpu{host="${host}"}`,
        value: JSON.stringify({ name: 'cpu', labels: { host }, timestamp, value: i }),
      }
    }),
  ).flat()
}

async function produce(
  topic: string,
  records: readonly { key: string | null; value: string }[],
  with_: ProducerConfig,
) {
  const producer = testClient().producer(with_)
  await producer.connect()
  // One request a record is how a producer without keys spreads them.
  for (const record of records) await producer.send({ topic, messages: [record] })
  await producer.disconnect()
}

/** librdkafka, as it comes or with a setting. */
async function kcat(topic: string, records: readonly { key: string; value: string }[], ...settings: string[]) {
  const args = ['-P', '-b', kafkaBrokers().join(','), '-t', topic, '-K', '\t', ...settings]
  const child = spawn('kcat', args, { stdio: ['pipe', 'ignore', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString()
  })
  child.stdin.end(records.map(({ key, value }) => `${key}\t${value}\n`).join(''))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`kcat: ${complaints}`)
}

const PRODUCE: Readonly<Record<Case, (topic: string) => Promise<void>>> = {
  java: (topic) => produce(topic, messages(), { createPartitioner: DefaultPartitioner }),
  legacy: (topic) => produce(topic, messages(), { createPartitioner: LegacyPartitioner }),
  crc32: (topic) => kcat(topic, messages()),
  'murmur2-random': (topic) => kcat(topic, messages(), '-X', 'topic.partitioner=murmur2_random'),
  keyless: (topic) =>
    produce(
      topic,
      messages().map(({ value }) => ({ key: null, value })),
      { createPartitioner: DefaultPartitioner },
    ),
  mixed: async (topic) => {
    await produce(topic, messages(0, 30), { createPartitioner: DefaultPartitioner })
    await kcat(topic, messages(30))
  },
}

const PLACED_WELL: readonly Case[] = ['java', 'murmur2-random']

describe('where real producers put the records of a series', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-placement-'))
  const logger = new RecordingLogger()
  let running: RunningProcess

  beforeAll(async () => {
    const pipelines: PipelineConfig[] = []
    for (const name of CASES) {
      const topic = await freshTopic(PARTITIONS)
      await PRODUCE[name](topic)
      pipelines.push(pipelineOf(name, topic))
    }
    const flags = { brokers: kafkaBrokers().join(','), stateDir: folder, httpPort: '0', taskThreads: '0' }
    const settings = loadSettings(flags, environment)
    if (!settings.ok) throw settings.error
    running = await startProcess({ settings: settings.value, pipelines, embedded: undefined, logger })
    await running.started
    const isRead = (name: Case) => statusOf(name)?.lag === 0 && statusOf(name)?.series === seriesOf(name)
    await eventually(() => CASES.every(isRead), 30_000).catch(() => {
      throw new Error(
        JSON.stringify(
          running.app.listPipelines().map(({ name, lag, series, error }) => ({ name, lag, series, error })),
        ),
      )
    })
    // What was read is judged once it is committed, and once the broker has said how many partitions there are.
    for (const name of CASES) await running.app.flush(name)
    const misplaced = CASES.filter((name) => !PLACED_WELL.includes(name))
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(100)) {
      const seen = await Promise.all(misplaced.map(told))
      if (seen.every(({ metrics }) => Object.keys(metrics).length > 0)) break
    }
  })

  afterAll(async () => {
    await running?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const statusOf = (name: Case) => running.app.listPipelines().find((pipeline) => pipeline.name === name)
  /** Without keys, each series has a state in every partition. */
  const seriesOf = (name: Case) => (name === 'keyless' ? HOSTS * PARTITIONS : HOSTS)

  /** What is told of one pipeline: metrics, log, health. */
  async function told(name: Case) {
    const text = await (await fetch(`${running.url}/metrics`)).text()
    const counts = [...text.matchAll(/^tidegauge_placement_findings\{pipeline="(.*)",reason="(.*)"\} (\d+)$/gm)]
    const metrics = Object.fromEntries(
      counts.flatMap(([, pipeline, reason, count]) =>
        pipeline === name && Number(count) > 0 ? [[reason ?? '', Number(count)]] : [],
      ),
    )
    const lines = logger.lines.filter(({ fields }) => fields?.['pipeline'] === name && fields?.['reason'] !== undefined)
    const ready = await fetch(`${running.url}/health/ready`)
    const health = (await ready.json()) as { degraded?: { pipeline: string; reason: string; detail: string }[] }
    const warnings = (health.degraded ?? []).filter(({ pipeline }) => pipeline === name)
    return { metrics, lines, warnings, status: ready.status }
  }

  it.each(PLACED_WELL)('%s: nothing is said', async (name) => {
    expect(await told(name)).toMatchObject({ metrics: {}, lines: [], warnings: [], status: 200 })
  })

  it.each([
    ['legacy', 'partitioner_kafkajs_legacy', 'Partitioners.DefaultPartitioner'],
    ['crc32', 'partitioner_crc32', 'partitioner=murmur2_random'],
  ] as const)(
    '%s: its partitioner is recognised and named once, which is no warning yet',
    async (name, reason, setting) => {
      const { metrics, lines, warnings } = await told(name)
      expect(Object.keys(metrics)).toEqual([reason])
      expect(lines.map(({ level }) => level)).toEqual(['info'])
      expect(lines[0]?.message).toContain(setting)
      expect(warnings).toEqual([])
    },
  )

  it('keyless: all samples are counted, the series are seen in several partitions, and the process stays ready', async () => {
    const { metrics, lines, warnings, status } = await told('keyless')
    expect(metrics).toEqual({ key_missing: HOSTS * 5, two_partitions: HOSTS })
    expect(lines.map(({ fields }) => fields?.['reason']).sort()).toEqual(['key_missing', 'two_partitions'])
    expect(warnings.map(({ detail }) => detail).join()).toContain('source.kafka.rekey: true')
    expect(warnings.map(({ reason }) => reason)).toEqual(['series_misplaced', 'series_misplaced'])
    expect(status).toBe(200)
  })

  it('mixed: two kinds of producers are a warning', async () => {
    const { metrics, warnings } = await told('mixed')
    expect(Object.keys(metrics)).toEqual(['partitioners_mixed'])
    expect(warnings[0]?.detail).toMatch(/librdkafka.*murmur2_random/)
  })
})
