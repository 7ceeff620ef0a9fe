import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { JsonlSinks } from '../../../../src/adapters/disk/jsonl-sink.ts'
import { LoopPool } from '../../../../src/adapters/threads/loop-pool.ts'
import type { Call } from '../../../../src/adapters/threads/messages.ts'
import { type LoopHost, loopsHere } from '../../../../src/app/loop-host.ts'
import { startThread } from '../../../../src/app/threads.ts'
import { DETECTOR_DEFAULTS } from '../../../../src/pipeline/detector/options.ts'
import { silentLogger } from '../../../../src/runtime/logger.ts'
import type { Loop } from '../../../../src/runtime/loop.ts'
import type { PipelineObserver } from '../../../../src/runtime/observer.ts'
import type { BatchControl, InputRecord, TopicPartition } from '../../../../src/runtime/ports.ts'
import type { ModelFacts, StepReport } from '../../../../src/runtime/step-report.ts'
import { Tenure } from '../../../../src/runtime/tenure.ts'
import { minutelyModel, released } from '../../../support/band-models.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../../../support/pipeline-options.ts'
import { loopOptions } from '../../../support/runner.ts'
import { silentObserver } from '../../../support/silent-observer.ts'

const T0 = 1_700_000_040_000
const PARTITIONS = [0, 1, 2].map((partition) => ({ topic: 'in', partition }))

const OPTIONS = loopOptions({
  pipeline: pipelineOptions({ alarms: [thresholdAlarm('high', 40)] }),
  commitIntervalMs: 3_600_000,
  commitRecords: 25,
  checkpointIntervalMs: 3_600_000,
})

function record(offset: number): InputRecord {
  const value = jsonSample('m', { s: String(offset % 3) }, T0 + Math.floor(offset / 3) * MINUTE_MS, offset % 50)
  return { offset: BigInt(offset), timestampMs: T0, key: null, value }
}

const batchOf = (partition: TopicPartition, from: number, to: number) => ({
  ...partition,
  records: Array.from({ length: to - from }, (_, i) => record(from + i)),
  endOffset: BigInt(to),
})

const control = (tenure = new Tenure()): BatchControl => ({
  heartbeat: async () => {},
  isCurrent: () => tenure.isCurrent,
  tenure,
})

let root: string
const workers: Worker[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidegauge-pool-'))
})

afterEach(async () => {
  workers.length = 0
  await rm(root, { recursive: true, force: true })
})

function poolIn(folder: string, threads = 2): LoopPool {
  const entry = new URL('../../../support/loop-thread.ts', import.meta.url)
  const start = () => {
    const worker = startThread(entry, { folder })
    workers.push(worker)
    return worker
  }
  return new LoopPool({ threads, start, logger: silentLogger })
}

/** What became visible of each partition, line by line. */
async function outputsOf(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl'))
  const texts = files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8'))
  return (await Promise.all(texts)).flatMap((text) => text.split('\n')).sort()
}

/** What is committed, read from a copy: opening the folder itself would fence the thread that writes there. */
const committedIn =
  (folder: string, { topic, partition }: TopicPartition) =>
  async () => {
    const copy = await mkdtemp(join(tmpdir(), 'tidegauge-pool-copy-'))
    if (existsSync(folder)) await cp(folder, copy, { recursive: true })
    const sinks = new JsonlSinks(copy)
    const sink = await sinks.open(`tidegauge.test.${topic}.${partition}`, 'g')
    const committed = await sinks.fetchCommitted('g', { topic, partition })
    await sink.close()
    await rm(copy, { recursive: true })
    return committed
  }

async function begun(host: Pick<LoopHost, 'open'>, folder: string, observer: PipelineObserver): Promise<Loop[]> {
  const loops = PARTITIONS.map((partition) => host.open(partition, OPTIONS, { observer }))
  for (const loop of loops) await loop.assigned(committedIn(folder, loop.partition))
  return loops
}

/** Runs every partition through a few batches and ends it; gives what was observed of the commits. */
async function live(host: Pick<LoopHost, 'open'>, folder: string): Promise<StepReport[][]> {
  const reports: StepReport[][] = PARTITIONS.map(() => [])
  const committed: PipelineObserver['committed'] = ({ partition }, _, report) => void reports[partition]?.push(report)
  const loops = await begun(host, folder, { ...silentObserver, committed })
  for (const [from, to] of [
    [0, 40],
    [40, 41],
    [41, 100],
  ] as const) {
    await Promise.all(loops.map((loop) => loop.records(batchOf(loop.partition, from, to), control())))
  }
  await Promise.all(loops.map((loop) => loop.revoked(control())))
  return reports
}

it('gives the results and the observations that loops in one thread give', async () => {
  const here = join(root, 'here')
  const there = join(root, 'there')
  const pool = poolIn(there)
  const reportsThere = await live(pool, there)
  await pool.close()
  const reportsHere = await live(loopsHere(new JsonlSinks(here), here, silentLogger), here)
  expect(workers).toHaveLength(2)
  const outputs = await outputsOf(here)
  expect(outputs.length).toBeGreaterThan(250)
  expect(await outputsOf(there)).toEqual(outputs)
  expect(reportsHere).toMatchObject(reportsThere)
})

it('restores in a new thread what was durable in a lost one', async () => {
  const pool = poolIn(root, 1)
  const [loop] = await begun(pool, root, silentObserver)
  if (loop === undefined) throw new Error('no loop')
  await loop.records(batchOf(loop.partition, 0, 60), control())
  const pending = loop.records(batchOf(loop.partition, 60, 90), control())
  await workers[0]?.terminate()
  await expect(pending).rejects.toMatchObject({ code: 'THREAD_LOST', retryable: true })
  await expect(loop.revoked(control())).rejects.toMatchObject({ code: 'THREAD_LOST' })
  const again = pool.open(loop.partition, OPTIONS, { observer: silentObserver })
  expect(await again.assigned(committedIn(root, loop.partition))).toMatchObject({ kind: 'earliest' })
  await again.records(batchOf(loop.partition, 0, 90), control())
  await again.revoked(control())
  expect((await committedIn(root, loop.partition)())?.offset).toBe(90n)
  const lines = (await outputsOf(root)).filter((line) => line.includes('"score"'))
  expect(new Set(lines).size).toBe(lines.length)
  await pool.close()
  expect(workers).toHaveLength(2)
})

it('commits nothing for a partition that was taken away meanwhile', async () => {
  const pool = poolIn(root)
  const [loop] = await begun(pool, root, silentObserver)
  if (loop === undefined) throw new Error('no loop')
  const tenure = new Tenure()
  await loop.records(batchOf(loop.partition, 0, 10), control(tenure))
  tenure.end()
  await loop.records(batchOf(loop.partition, 10, 100), control(tenure))
  await loop.revoked(control())
  expect(await committedIn(root, loop.partition)()).toBeUndefined()
  await pool.close()
})

it('lets a loop that has much to do not hold up another one in its thread', async () => {
  const pool = poolIn(root, 1)
  const [busy, other] = await begun(pool, root, silentObserver)
  if (busy === undefined || other === undefined) throw new Error('no loops')
  const ended: string[] = []
  const much = busy.records(batchOf(busy.partition, 0, 20_000), control()).then(() => ended.push('much'))
  const little = other.records(batchOf(other.partition, 0, 10), control()).then(() => ended.push('little'))
  await Promise.all([much, little])
  expect(ended).toEqual(['little', 'much'])
  await pool.close()
})

it('copies a model to the thread once, and a task that was not ready for it takes it when it is offered again', async () => {
  const pipeline = pipelineOptions({
    detector: {
      ...DETECTOR_DEFAULTS,
      trees: 2,
      sampleSize: 16,
      forecast: { ...DETECTOR_DEFAULTS.forecast, model: 'deepar' },
    },
  })
  const partition = PARTITIONS[0] ?? { topic: 'in', partition: 0 }
  const versions: number[] = []
  const observer = {
    ...silentObserver,
    modelInUse: (_: TopicPartition, { version }: ModelFacts) => versions.push(version),
  }
  const pool = poolIn(root, 1)
  const begin = async () => {
    const loop = pool.open(partition, { ...OPTIONS, pipeline }, { observer })
    await loop.assigned(committedIn(root, partition))
    return loop
  }
  const first = await begin()
  await first.records(batchOf(partition, 0, 30), control())
  await first.revoked(control())
  await rm(join(root, 'checkpoints'), { recursive: true })

  const loop = await begin()
  const sent: unknown[] = []
  const [worker] = workers
  if (worker === undefined) throw new Error('no thread')
  const post = worker.postMessage.bind(worker)
  worker.postMessage = (message: { readonly call?: unknown }, transfer?: never) => {
    sent.push(message.call)
    post(message, transfer)
  }
  const release = released(1, minutelyModel(1))
  await loop.adopt(release, control())
  expect(versions).toEqual([0, 0])
  await loop.records(batchOf(partition, 0, 40), control())
  await loop.adopt(release, control())
  await loop.adopt(release, control())
  expect(versions).toEqual([0, 0, 1])
  await loop.adopt(undefined, control())
  expect(versions).toEqual([0, 0, 1, 0])
  const adopted = sent.filter((call) => (call as Call | undefined)?.method === 'adopt')
  expect(adopted.map((call) => (call as { readonly release: unknown }).release)).toEqual([
    release,
    'same',
    'same',
    undefined,
  ])
  await loop.revoked(control())
  await pool.close()
})
