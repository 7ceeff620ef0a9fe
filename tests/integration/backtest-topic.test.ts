import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { parsePipeline } from '../../src/config/load.ts'
import { toPipelineOptions } from '../../src/config/pipeline-options.ts'
import { Rng } from '../../src/core/rng.ts'
import { PartitionTask } from '../../src/pipeline/partition-task.ts'
import { StepOutput } from '../../src/pipeline/step-output.ts'
import { freshTopic, kafkaBrokers, publish, testClient } from '../support/kafka.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const START_MS = Date.UTC(2026, 2, 1)
const MINUTE_MS = 60_000
const MINUTES = 600
const SPIKE = 500

function backtest(...flags: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const args = ['--import', 'tsx', 'src/main.ts', 'backtest', '--brokers', kafkaBrokers().join(','), ...flags]
  const child = spawn(process.execPath, args, { cwd: ROOT })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => {
    said.stdout += text
  })
  child.stderr.on('data', (text) => {
    said.stderr += text
  })
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, ...said })))
}

it('backtest over a range of a topic says what the stream would have, to the bit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegauge-backtest-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const topic = await freshTopic(2)
  const rng = new Rng(5)
  const records = Array.from({ length: MINUTES }, (_, i) =>
    ['a', 'b'].map((host, partition) => {
      const timestampMs = START_MS + i * MINUTE_MS
      const value = 100 + rng.normal() + (host === 'a' && i === SPIKE ? 60 : 0)
      return {
        partition,
        timestampMs,
        value: JSON.stringify({ name: 'cpu', labels: { host }, timestamp: timestampMs, value }),
      }
    }),
  ).flat()
  await publish(topic, records)
  const text = `name: web\nsource: { kafka: { topics: [${topic}] } }\nperiod: { length: 1m, lateness: 0s }\n`
  const file = join(folder, 'web.yaml')
  writeFileSync(file, text)
  const out = join(folder, 'out')
  const from = new Date(START_MS + 10 * MINUTE_MS).toISOString()
  const to = String(START_MS + 590 * MINUTE_MS)

  const run = await backtest('--topic', topic, '--from', from, '--to', to, '--pipeline', file, '--out', out, '--json')
  expect(run.status, run.stderr).toBe(0)
  const summary = JSON.parse(run.stdout)
  expect(summary.files.map(({ name, rows }: { name: string; rows: number }) => [name, rows])).toEqual([
    ['cpu_host=a.csv', 580],
    ['cpu_host=b.csv', 580],
  ])
  expect(readdirSync(out).sort()).toContain('index.html')

  const lines = readFileSync(join(out, 'cpu_host=a.csv'), 'utf8').trimEnd().split('\n').slice(1)
  const pipeline = parsePipeline(text, 'web.yaml', { variable: () => undefined, file: () => undefined })
  if (!pipeline.ok) throw pipeline.error
  const task = new PartitionTask(toPipelineOptions(pipeline.value))
  const streamed = new StepOutput()
  const inRange = records.filter(
    ({ partition, timestampMs }) => partition === 0 && timestampMs >= Date.parse(from) && timestampMs < Number(to),
  )
  const encoder = new TextEncoder()
  task.step(
    inRange.map(({ timestampMs, value }, i) => ({ offset: BigInt(i), timestampMs, value: encoder.encode(value) })),
    streamed,
  )
  task.dispose()
  // The stream has not closed the newest period yet.
  expect(streamed.scores).toHaveLength(579)
  streamed.scores.forEach(({ point }, i) => {
    const [timestamp, value, score, grade] = (lines[i] ?? '').split(',')
    expect(timestamp).toBe(new Date(point.timestampMs).toISOString())
    expect([Number(value), Number(score), Number(grade)]).toEqual([point.inputs[0]?.value, point.score, point.grade])
  })
  expect(Number(lines[SPIKE - 10]?.split(',')[3])).toBeGreaterThan(0)

  const admin = testClient().admin()
  await admin.connect()
  const { groups } = await admin.listGroups()
  await admin.disconnect()
  expect(groups.filter(({ groupId }) => groupId.startsWith('tidegauge-backtest-'))).toEqual([])
}, 90_000)

it('backtest over a topic says what is wrong with the range', async () => {
  const topic = await freshTopic(1)
  await publish(topic, [{ value: '{}', timestampMs: START_MS }])
  const out = join(tmpdir(), 'never-written')
  const late = await backtest('--topic', topic, '--from', '2026-03-02', '--out', out)
  expect(late.stderr).toContain('no record lies in the range')
  const absent = await backtest('--topic', `${topic}-absent`, '--out', out)
  expect(absent.stderr).toContain('no such topic')
  const wrong = await backtest('--topic', topic, '--from', 'yesterday', '--out', out)
  expect(wrong.stderr).toContain('no instant')
}, 90_000)
