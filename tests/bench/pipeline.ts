import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { createClient } from '../../src/adapters/kafka/client.ts'
import { startLocalBroker } from '../../src/adapters/kafka/local-broker.ts'
import { KafkaPublisher } from '../../src/adapters/kafka/publisher.ts'
import { ensureTopics } from '../../src/adapters/kafka/topics.ts'
import { startProcess } from '../../src/app/process.ts'
import { Fleet, fleetRecord } from '../../src/cli/demo/fleet.ts'
import { parsePipeline } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import { type Profile, profiled } from './profile.ts'

const PERIOD_MS = 60_000
const PARTITIONS = 2
/** The status that is asked for goes over every series: asked more often, it would be what is measured. */
const POLL_MS = 100
const NOTHING = { variable: () => undefined, file: () => undefined }

interface Run {
  readonly series: number
  readonly periods: number
  /** Of each series, in each period. */
  readonly samples: number
  readonly detector: 'forest' | 'off'
  /** Whether each period's point is written to the scores topic. */
  readonly scores: boolean
  /** Of partition tasks; undefined: as many as the process takes by itself. */
  readonly threads: string | undefined
}

export interface PipelineFigures extends Run {
  readonly records: number
  readonly seconds: number
  readonly recordsPerSecond: number
  /** Of this process, all threads: it says more than the clock does on a machine that others use too. */
  readonly cpuMicrosPerRecord: number
  readonly residentMiB: number
  readonly profile: Profile
}

/**
 * Records per second from a real broker to committed scores: Kafka, decode, window, detector, alarm, transaction; the
 * broker shares the machine. A backlog of several periods of every series is there before the clock starts.
 *
 *   --series N,N    series of each run (1000,10000)       --periods P   periods of backlog (20)
 *   --samples N     of each series in a period (1)
 *   --detector off  without the forest                     --threads N   of partition tasks (one for each core)
 *   --scores off    nothing but alarms is written
 *   --peer CMD      a rival, run on the same topic as CMD BROKER IN OUT COUNT
 */
export async function bench(args: readonly string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      series: { type: 'string', default: '1000,10000' },
      periods: { type: 'string', default: '20' },
      samples: { type: 'string', default: '1' },
      detector: { type: 'string', default: 'forest' },
      scores: { type: 'string', default: 'on' },
      threads: { type: 'string' },
      peer: { type: 'string' },
      json: { type: 'boolean' },
    },
  })
  const broker = await startLocalBroker()
  const figures: Record<string, unknown> = {}
  try {
    for (const series of values.series.split(',').map(Number)) {
      const run: Run = {
        series,
        periods: Number(values.periods),
        samples: Number(values.samples),
        detector: values.detector === 'off' ? 'off' : 'forest',
        scores: values.scores !== 'off',
        threads: values.threads,
      }
      const topic = `bench-${series}`
      const records = await publishBacklog(broker.brokers, topic, run)
      const peer = values.peer === undefined ? undefined : await runPeer(values.peer, broker.brokers, topic, records)
      const ours = await measure(broker.brokers, topic, run, records)
      report(ours, peer)
      figures[`series${series}`] = { ...ours, ...(peer === undefined ? {} : { peer }) }
    }
  } finally {
    await broker.stop()
  }
  return figures
}

async function publishBacklog(brokers: readonly string[], topic: string, run: Run): Promise<number> {
  const kafka = createClient({ brokers, clientId: 'bench' }, silentLogger)
  await ensureTopics(kafka, [
    { topic, partitions: PARTITIONS },
    { topic: `${topic}-peer`, partitions: PARTITIONS },
  ])
  const publisher = new KafkaPublisher({ kafka })
  const fleet = new Fleet({ size: run.series, intervalMs: PERIOD_MS / run.samples })
  const fromMs = Date.parse('2026-03-02T00:00:00Z')
  let records = 0
  let chunk: { topic: string; key: string; value: string }[] = []
  for (const sample of fleet.samples(fromMs, fromMs + run.periods * PERIOD_MS)) {
    chunk.push({ topic, key: sample.series.key, value: fleetRecord(sample) })
    records++
    if (chunk.length < 5_000) continue
    await publisher.publish(chunk)
    chunk = []
  }
  await publisher.publish(chunk)
  await publisher.close()
  return records
}

async function measure(brokers: readonly string[], topic: string, run: Run, records: number): Promise<PipelineFigures> {
  const stateDir = await mkdtemp(join(tmpdir(), 'tidegauge-bench-'))
  const pipeline = parsePipeline(pipelineText(topic, run), 'bench.yaml', NOTHING)
  const taskThreads = run.threads
  const flags = { brokers: brokers.join(','), httpPort: '0', stateDir, ...(taskThreads && { taskThreads }) }
  const settings = loadSettings(flags, NOTHING)
  if (!pipeline.ok) throw pipeline.error
  if (!settings.ok) throw settings.error
  try {
    const { result, profile } = await profiled(async () => {
      const options = {
        settings: settings.value,
        pipelines: [pipeline.value],
        embedded: undefined,
        logger: silentLogger,
      }
      const running = await startProcess(options)
      await running.started
      const taken = await untilRead(() => running.app.listPipelines()[0]?.partitions ?? [], records)
      const residentMiB = Math.round(process.memoryUsage.rss() / 1024 / 1024)
      await running.stop()
      return { ...taken, residentMiB }
    })
    const { seconds, cpuMicros, residentMiB } = result
    const recordsPerSecond = Math.round(records / seconds)
    const cpuMicrosPerRecord = Number((cpuMicros / records).toFixed(2))
    return { ...run, records, seconds, recordsPerSecond, cpuMicrosPerRecord, residentMiB, profile }
  } finally {
    await rm(stateDir, { recursive: true, force: true })
  }
}

/** Waits until every record was stepped; the clock runs from the first to the last, commits between them included. */
async function untilRead(
  partitions: () => readonly { readonly position: string; readonly lag: number }[],
  records: number,
): Promise<{ readonly seconds: number; readonly cpuMicros: number }> {
  const read = () => partitions().reduce((sum, { position }) => sum + Number(position), 0)
  while (read() === 0) await sleep(POLL_MS)
  const started = performance.now()
  const cpu = process.cpuUsage()
  while (read() < records) await sleep(POLL_MS)
  const { user, system } = process.cpuUsage(cpu)
  return { seconds: (performance.now() - started) / 1_000, cpuMicros: user + system }
}

function pipelineText(topic: string, { detector, series, scores }: Run): string {
  return `
name: ${topic}-${detector}
source: { kafka: { topics: [${topic}], from: earliest } }
decode: { format: json, timestampUnit: ms, maxFuture: 7d }
series: { limit: ${series} }
period: { length: 1m }
detector: { kind: ${detector} }
sinks: { scores: { enabled: ${scores} } }
alarms:
  - { name: band, on: ${detector === 'off' ? 'threshold, threshold: 1e12' : 'band, evaluationPeriods: 3, datapointsToAlarm: 2'} }
`
}

async function runPeer(command: string, brokers: readonly string[], topic: string, records: number): Promise<unknown> {
  const args = [brokers.join(','), topic, `${topic}-peer`, String(records)]
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 26 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')
}

function report(ours: PipelineFigures, peer: unknown): void {
  const { series, records, seconds, recordsPerSecond, cpuMicrosPerRecord, residentMiB, profile } = ours
  process.stdout.write(
    `${series} series, ${records} records: ${seconds.toFixed(1)} s, ${recordsPerSecond} records/s, ${cpuMicrosPerRecord} µs of processor time a record, ${residentMiB} MiB resident\n`,
  )
  for (const { part, share } of profile.slice(0, 12))
    process.stdout.write(`  ${(100 * share).toFixed(1).padStart(5)} %  ${part}\n`)
  if (peer !== undefined) process.stdout.write(`  peer: ${JSON.stringify(peer)}\n`)
}
