import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { ensureTopics } from '../../src/adapters/kafka/topics.ts'
import { Fleet, type FleetOptions, fleetRecord } from '../../src/cli/demo/fleet.ts'
import { type CommittedRecord, lagOf, readAllCommitted } from './committed-records.ts'
import { kafkaBrokers, publish, testClient, uniqueName } from './kafka.ts'
import { Tidegauge, type TidegaugeOptions } from './tidegauge.ts'

export const MINUTE_MS = 60_000
const CATCH_UP_MS = 90_000

export interface LabRecord {
  readonly value: string
  readonly key?: string
  readonly partition?: number
}

/** An input topic, the processes that read it, and what they write: all of one test, and gone when it ends. */
export class RunLab {
  readonly folder: string
  readonly topic: string
  readonly brokers: readonly string[]
  readonly #processes: Tidegauge[] = []

  private constructor(folder: string, brokers: readonly string[]) {
    this.folder = folder
    this.brokers = brokers
    this.topic = uniqueName('input')
  }

  static async create(brokers: readonly string[] = kafkaBrokers()): Promise<RunLab> {
    const lab = new RunLab(await mkdtemp(join(tmpdir(), 'tidegauge-lab-')), brokers)
    onTestFinished(async () => {
      await Promise.all(lab.#processes.map((one) => one.kill()))
      await rm(lab.folder, { recursive: true, force: true })
    })
    return lab
  }

  get kafka() {
    return testClient(this.brokers)
  }

  async createTopic(partitions: number): Promise<void> {
    await ensureTopics(this.kafka, [{ topic: this.topic, partitions }])
  }

  publish(records: readonly LabRecord[]): Promise<void> {
    return publish(this.topic, records, this.kafka)
  }

  /** The consumer group of a run; its topics begin with it. */
  groupOf(run: string): string {
    return `${this.topic}-${run}`
  }

  topicOf(run: string, what: 'scores' | 'alarms' | 'dead-letter'): string {
    return `${this.groupOf(run)}.${what}`
  }

  stateDir(run: string): string {
    return join(this.folder, run)
  }

  /** A pipeline with a small forest. `more` is further YAML, of the checkpoints if it is indented; every run has the same name, as seeds are made of it. */
  async pipelineFile(run: string, more: string): Promise<string> {
    const file = join(this.folder, `${run}.yaml`)
    const text = `
name: lab
source: { kafka: { topics: [${this.topic}], group: ${this.groupOf(run)}, from: earliest } }
detector: { trees: 5, sampleSize: 32, shingle: 2 }
sinks:
  scores: { topic: ${this.topicOf(run, 'scores')} }
  alarms: { topic: ${this.topicOf(run, 'alarms')} }
  deadLetter: { topic: ${this.topicOf(run, 'dead-letter')} }
commit: { interval: 100ms, records: 500 }
checkpoint:
  interval: 1s
${more}`
    await writeFile(file, text)
    return file
  }

  async start(run: string, more: string, options: Partial<TidegaugeOptions> = {}): Promise<Tidegauge> {
    const file = await this.pipelineFile(run, more)
    const flags = ['--kafka-session-timeout', '3s', ...(options.flags ?? [])]
    const stateDir = this.stateDir(run)
    const started = Tidegauge.start({ file, stateDir, brokers: this.brokers, ...options, flags })
    this.#processes.push(started)
    return started
  }

  lag(run: string): Promise<number> {
    return lagOf(this.kafka, this.groupOf(run), this.topic)
  }

  /** Waits until all of the topic is committed, or until no more than `left` records are not. */
  async caughtUp(run: string, left = 0): Promise<void> {
    const deadline = Date.now() + CATCH_UP_MS
    for (;;) {
      const lag = await this.lag(run).catch(() => Number.POSITIVE_INFINITY)
      if (lag <= left) return
      if (Date.now() > deadline) throw new Error(`${lag} records of ${run} are left\n${this.#tails()}`)
      await sleep(20)
    }
  }

  #tails(): string {
    return this.#processes.map((one) => one.tail()).join('\n---\n')
  }

  async outputs(run: string): Promise<CommittedRecord[]> {
    const topics = (['scores', 'alarms', 'dead-letter'] as const).map((what) => this.topicOf(run, what))
    const read: CommittedRecord[] = []
    for (const topic of topics) read.push(...(await readAllCommitted(this.kafka, topic)))
    return read
  }
}

/** A metric of a process, summed over the series of its exposition that carry all of `labels`. */
export async function metricOf(process: Tidegauge, name: string, labels: Record<string, string> = {}): Promise<number> {
  const text = await (await fetch(`${await process.url()}/metrics`)).text()
  let sum = 0
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}{`)) continue
    if (Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
      sum += Number(line.slice(line.lastIndexOf(' ')))
  }
  return sum
}

/**
 * Samples of a fleet, as records, minute by minute. It begins some hours ago: results carry event time, and a broker
 * removes what is older than it keeps.
 */
export function fleetRecords(options: Partial<FleetOptions>, fromMs: number, minutes: number): LabRecord[] {
  const fleet = new Fleet({ intervalMs: MINUTE_MS, ...options })
  return [...fleet.samples(fromMs, fromMs + minutes * MINUTE_MS)].map((sample) => ({
    key: sample.series.key,
    value: fleetRecord(sample),
  }))
}

/** A whole minute, `minutes` ago. */
export function minutesAgo(minutes: number): number {
  return Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - minutes * MINUTE_MS
}
