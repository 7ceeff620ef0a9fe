import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '../../src/adapters/kafka/client.ts'
import { type LocalBroker, startLocalBroker } from '../../src/adapters/kafka/local-broker.ts'
import { KafkaPublisher } from '../../src/adapters/kafka/publisher.ts'
import { ensureTopics } from '../../src/adapters/kafka/topics.ts'
import { formatDuration } from '../../src/core/duration.ts'
import { Rng } from '../../src/core/rng.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import type { OutputRecord } from '../../src/runtime/ports.ts'
import { type CommittedRecord, lagOf, readAllCommitted } from '../support/committed-records.ts'
import { compareOutputs, type OutputDifference } from '../support/compare-outputs.ts'
import { ProcessGroup } from './process-group.ts'
import { outputTopics, pipelineText, Workload } from './workload.ts'

const INPUT = 'chaos-input'
const PARTITIONS = 6
/** Periods that are in the topic before anything reads it, and periods that come after the last disturbance. */
const BACKLOG_PERIODS = 40
const CLOSING_PERIODS = 5
const BROKER_PAUSE_MS = 5_000
const CATCH_UP_MS = 180_000

export interface ChaosOptions {
  readonly kills: number
  /** Kills at which the process loses its disk, too. */
  readonly lostDisks: number
  readonly processes: number
  readonly series: number
  readonly seed: number
  /** The broker is stopped in order, or killed, by turns, and started again. */
  readonly brokerRestarts: number
  /** The broker hangs for some seconds: its connections stay open and nothing answers. */
  readonly brokerPauses: number
  /** Time from one period of the input to the next. */
  readonly paceMs: number
  /** Longest time from one disturbance to the next. */
  readonly gapMs: number
  readonly print: (line: string) => void
}

export interface ChaosSummary extends Omit<OutputDifference, 'example'> {
  readonly kills: number
  readonly lostDisks: number
  readonly brokerRestarts: number
  readonly brokerPauses: number
  readonly processes: number
  readonly seed: number
  /** Records of the input topic. */
  readonly input: number
  /** Processes that ended though nobody had killed them. */
  readonly crashed: number
  readonly seconds: number
}

export const isClean = ({ lost, duplicated, different, crashed, records }: ChaosSummary): boolean =>
  lost + duplicated + different + crashed === 0 && records > 0

/**
 * Kills processes of one consumer group at random moments, while input comes in, and compares what they wrote with
 * what one process makes of the same input undisturbed.
 */
export async function chaos(options: ChaosOptions): Promise<ChaosSummary> {
  const started = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'tidegauge-chaos-'))
  const kafka = join(folder, 'kafka')
  await mkdir(kafka)
  const stage = new Stage(options, folder, await startBroker({ folder: kafka }))
  try {
    const { disturbed, crashes } = await stage.disturbed()
    const expected = await stage.undisturbed()
    const { example, ...difference } = compareOutputs(expected, disturbed)
    for (const line of crashes) options.print(line)
    if (example !== undefined) options.print(example)
    const { kills, lostDisks, brokerRestarts, brokerPauses, processes, seed } = options
    const seconds = Math.round((performance.now() - started) / 1000)
    const counts = { input: stage.published, crashed: crashes.length, seconds }
    return { kills, lostDisks, brokerRestarts, brokerPauses, processes, seed, ...difference, ...counts }
  } finally {
    await stage.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** One broker with the input, and the runs over it. */
class Stage {
  readonly #options: ChaosOptions
  readonly #folder: string
  readonly #rng: Rng
  readonly #workload: Workload
  readonly #publisher: KafkaPublisher
  #broker: LocalBroker
  published = 0

  constructor(options: ChaosOptions, folder: string, broker: LocalBroker) {
    const { series, seed } = options
    this.#options = options
    this.#folder = folder
    this.#broker = broker
    this.#rng = new Rng(seed)
    this.#workload = new Workload({ topic: INPUT, partitions: PARTITIONS, series, seed })
    this.#publisher = new KafkaPublisher({ kafka: this.#kafka() })
  }

  #kafka() {
    return createClient({ brokers: this.#broker.brokers, clientId: 'chaos' }, silentLogger)
  }

  async disturbed(): Promise<{ readonly disturbed: CommittedRecord[]; readonly crashes: readonly string[] }> {
    const { processes, print } = this.#options
    const run = 'disturbed'
    await ensureTopics(this.#kafka(), [{ topic: INPUT, partitions: PARTITIONS }])
    for (let i = 0; i < BACKLOG_PERIODS; i++) await this.#publish(this.#workload.next())
    const file = await this.#pipelineFile(run)
    const group = new ProcessGroup({ file, brokers: this.#broker.brokers, folder: this.#folder, processes })
    try {
      const disturbing = this.#disturb(group)
      await this.#publishUntil(disturbing)
      await disturbing
      print(`disturbed ${processes} processes; ${this.published} records are in the topic, reading them to the end`)
      await this.#caughtUp(run, group)
    } finally {
      await group.stop()
    }
    return { disturbed: await this.#outputs(run), crashes: group.crashes }
  }

  async undisturbed(): Promise<CommittedRecord[]> {
    const run = 'undisturbed'
    const file = await this.#pipelineFile(run)
    const folder = join(this.#folder, run)
    const group = new ProcessGroup({ file, brokers: this.#broker.brokers, folder, processes: 1 })
    try {
      await this.#caughtUp(run, group)
    } finally {
      await group.stop()
    }
    return this.#outputs(run)
  }

  async #pipelineFile(run: string): Promise<string> {
    const file = join(this.#folder, `${run}.yaml`)
    await writeFile(file, pipelineText(INPUT, run))
    return file
  }

  async #disturb(group: ProcessGroup): Promise<void> {
    const { kills, lostDisks, brokerRestarts, brokerPauses, gapMs, processes, print } = this.#options
    const acts = [
      ...Array.from({ length: kills }, (_, i) => ({
        name: i < lostDisks ? 'kill -9, and its disk is gone' : 'kill -9',
        run: () => group.kill(this.#rng.below(processes), i < lostDisks),
      })),
      ...Array.from({ length: brokerRestarts }, (_, i) => ({
        name: `broker ${i % 2 === 0 ? 'restarts' : 'is killed'}`,
        run: () => this.#restartBroker(i % 2 === 0 ? 'SIGTERM' : 'SIGKILL'),
      })),
      ...Array.from({ length: brokerPauses }, () => ({ name: 'broker hangs', run: () => this.#pauseBroker() })),
    ]
    await group.ready(120_000)
    const startedMs = performance.now()
    for (const [i, { name, run }] of shuffled(acts, this.#rng).entries()) {
      await sleep(gapMs * this.#rng.uniform())
      const leftMs = (performance.now() - startedMs) * (acts.length / (i + 1) - 1)
      const left = formatDuration(1_000 * Math.round(leftMs / 1_000))
      print(`${i + 1} of ${acts.length}: ${name}; ${this.published} records published, about ${left} left`)
      await run()
    }
  }

  async #restartBroker(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { folder, port } = this.#broker
    if (signal === 'SIGTERM') await this.#broker.stop({ keep: true })
    else this.#broker.signal('SIGKILL')
    await sleep(1_000)
    this.#broker = await startBroker({ folder, port })
  }

  async #pauseBroker(): Promise<void> {
    this.#broker.signal('SIGSTOP')
    await sleep(BROKER_PAUSE_MS)
    this.#broker.signal('SIGCONT')
  }

  async #publishUntil(done: Promise<void>): Promise<void> {
    let ended = false
    const end = () => {
      ended = true
    }
    done.then(end, end)
    while (!ended) {
      await this.#publish(this.#workload.next())
      await sleep(this.#options.paceMs)
    }
    for (let i = 0; i < CLOSING_PERIODS; i++) await this.#publish(this.#workload.next())
  }

  /** A broker that is away is tried again. Records may come twice by it: they are input like any other. */
  async #publish(records: readonly OutputRecord[]): Promise<void> {
    for (;;) {
      try {
        await this.#publisher.publish(records)
        this.published += records.length
        return
      } catch {
        await sleep(500)
      }
    }
  }

  async #caughtUp(run: string, group: ProcessGroup): Promise<void> {
    const deadline = Date.now() + CATCH_UP_MS
    for (;;) {
      const lag = await lagOf(this.#kafka(), run, INPUT).catch(() => Number.POSITIVE_INFINITY)
      if (lag === 0) return
      if (Date.now() > deadline)
        throw new Error(`${run}: ${lag} records are left after ${CATCH_UP_MS} ms\n${group.tail()}`)
      await sleep(200)
    }
  }

  async #outputs(run: string): Promise<CommittedRecord[]> {
    const read: CommittedRecord[][] = []
    for (const topic of outputTopics(run)) read.push(await readAllCommitted(this.#kafka(), topic))
    return read.flat()
  }

  async close(): Promise<void> {
    await this.#publisher.close().catch(() => {})
    await this.#broker.stop()
  }
}

/** Results carry event time, which lies in the past here: a broker that keeps a week would remove them as they come. */
function startBroker(options: { readonly folder: string; readonly port?: number }): Promise<LocalBroker> {
  return startLocalBroker({ ...options, properties: { 'log.retention.ms': '-1' } })
}

function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const order = items.map((item) => ({ item, at: rng.uniform() }))
  return order.sort((a, b) => a.at - b.at).map(({ item }) => item)
}
