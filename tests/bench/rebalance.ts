import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from '../../src/adapters/kafka/client.ts'
import { type LocalBroker, startLocalBroker } from '../../src/adapters/kafka/local-broker.ts'
import { ensureTopics } from '../../src/adapters/kafka/topics.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import { lagOf } from '../support/committed-records.ts'
import { Tidegauge } from '../support/tidegauge.ts'
import { CommitWatch } from './commit-watch.support.ts'
import { LiveFleet } from './live-fleet.support.ts'

const TOPIC = 'rebalance'
const GROUP = 'tidegauge-rebalance'
const SETTLE_MS = 10_000
const PHASE_TIMEOUT_MS = 120_000
const CATCH_UP_MS = 1_200_000

/** Times in which nothing of a partition was committed, over the partitions of one kind, ms. */
interface Pauses {
  readonly partitions: number
  readonly medianMs: number
  readonly worstMs: number
}

interface Phase {
  readonly stay: Pauses
  readonly moved: Pauses
  /** Where the state of the partitions that moved came from. */
  readonly from: Readonly<Record<string, number>>
  /** Of the largest of them. */
  readonly stateMiB: number
  /** Longest reading of a state. */
  readonly restoreMs: number
}

export interface RebalanceFigures {
  readonly series: number
  readonly partitions: number
  readonly periods: number
  /** Nothing happens: what the commit interval and the looking alone make of it. */
  readonly calm: Pauses
  /** A second process comes, on the same state folder. */
  readonly joins: Phase
  /** It leaves in order. */
  readonly leaves: Phase
  /** It comes with an empty folder of its own. */
  readonly joinsWithoutDisk: Phase
  /** kill -9; with the session timeout of 3 s. */
  readonly killed: Phase
}

/**
 * How long a rebalance stops what it does not move, and what it moves: real processes on a real broker that share this
 * machine, with records coming all the time. Measured from outside, by the group's committed offsets.
 *
 *   --series N (10000)   --partitions N (8)   --periods P   learned before it begins (40)
 *   --trees N (50)       --sample-size N (256)
 */
export async function bench(args: readonly string[]): Promise<RebalanceFigures> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      series: { type: 'string', default: '10000' },
      partitions: { type: 'string', default: '8' },
      periods: { type: 'string', default: '40' },
      trees: { type: 'string', default: '50' },
      'sample-size': { type: 'string', default: '256' },
      json: { type: 'boolean' },
    },
  })
  const [series, partitions, periods] = [Number(values.series), Number(values.partitions), Number(values.periods)]
  const folder = await mkdtemp(join(tmpdir(), 'tidegauge-rebalance-'))
  const broker = await startLocalBroker({ properties: { 'log.retention.ms': '-1' } })
  const file = join(folder, 'rebalance.yaml')
  await writeFile(file, pipelineText(values.trees, values['sample-size']))
  const stage = new Stage(broker, { file, folder, partitions })
  const fleet = new LiveFleet({ brokers: broker.brokers, topic: TOPIC, series, partitions })
  try {
    await stage.prepare()
    await fleet.backlog(periods)
    const first = stage.start('shared')
    await stage.caughtUp(first)
    fleet.start()
    await stage.checkpointed(first)
    const figures = await phases(stage, first)
    return { series, partitions, periods, ...figures }
  } finally {
    await fleet.stop()
    await stage.close()
    await broker.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function phases(stage: Stage, first: Tidegauge) {
  const calm = await stage.calm()
  let second = stage.start('shared')
  const joins = await stage.phase('a second process joins', second)
  const leaving = second.stop()
  const leaves = await stage.phase('it leaves', first)
  await leaving
  second = stage.start('empty')
  const joinsWithoutDisk = await stage.phase('it joins without a disk', second)
  const killing = second.kill()
  const killed = await stage.phase('it is killed', first)
  await killing
  return { calm, joins, leaves, joinsWithoutDisk, killed }
}

/** The broker, the processes, and who looks at their commits. */
class Stage {
  readonly #broker: LocalBroker
  readonly #options: { readonly file: string; readonly folder: string; readonly partitions: number }
  readonly #processes: Tidegauge[] = []
  readonly #watch: CommitWatch

  constructor(broker: LocalBroker, options: { file: string; folder: string; partitions: number }) {
    this.#broker = broker
    this.#options = options
    this.#watch = new CommitWatch(this.#kafka, GROUP, TOPIC)
  }

  get #kafka() {
    return createClient({ brokers: this.#broker.brokers, clientId: 'bench' }, silentLogger)
  }

  async prepare(): Promise<void> {
    await ensureTopics(this.#kafka, [{ topic: TOPIC, partitions: this.#options.partitions }])
    await this.#watch.start()
  }

  start(state: string): Tidegauge {
    const { file, folder } = this.#options
    const flags = ['--kafka-session-timeout', '3s']
    const started = Tidegauge.start({ file, brokers: this.#broker.brokers, stateDir: join(folder, state), flags })
    this.#processes.push(started)
    return started
  }

  /** The backlog is committed. */
  async caughtUp(running: Tidegauge): Promise<void> {
    await running.ready(undefined, 120_000)
    const deadline = Date.now() + CATCH_UP_MS
    while ((await lagOf(this.#kafka, GROUP, TOPIC).catch(() => 1)) > 0) {
      if (Date.now() > deadline || !running.isAlive) throw new Error(`the backlog is not read\n${running.tail()}`)
      await sleep(500)
    }
    await sleep(SETTLE_MS)
  }

  /** Every partition has a checkpoint that a commit has named: what comes before the first one is another story. */
  async checkpointed(running: Tidegauge): Promise<void> {
    const deadline = Date.now() + CATCH_UP_MS
    const written = async () => {
      const page = await (await fetch(`${await running.url()}/metrics`)).text()
      return Number(/^tidegauge_checkpoints_total\{[^}]*outcome="ok"[^}]*\} (\d+)$/m.exec(page)?.[1] ?? 0)
    }
    while ((await written()) < this.#options.partitions) {
      if (Date.now() > deadline || !running.isAlive) throw new Error(`no checkpoint was written\n${running.tail()}`)
      await sleep(500)
    }
    await sleep(SETTLE_MS)
  }

  async calm(): Promise<Pauses> {
    await sleep(SETTLE_MS)
    const from = performance.now()
    await sleep(SETTLE_MS)
    return pausesOf([...this.#watch.longestPauses(from, performance.now()).values()])
  }

  /** What has begun is over when `taker` has restored what it takes, and every partition goes on. */
  async phase(what: string, taker: Tidegauge): Promise<Phase> {
    const [from, lines] = [performance.now(), restoredBy(taker).length]
    const deadline = Date.now() + PHASE_TIMEOUT_MS
    let restored = restoredBy(taker).slice(lines)
    for (let quiet = 0; quiet < SETTLE_MS; quiet += 100) {
      if (Date.now() > deadline) throw new Error(`${what}: not over after ${PHASE_TIMEOUT_MS} ms\n${taker.tail()}`)
      await sleep(100)
      const now = restoredBy(taker).slice(lines)
      if (now.length !== restored.length || now.length === 0) quiet = 0
      restored = now
    }
    const pauses = this.#watch.longestPauses(from, performance.now())
    const isMoved = new Set(restored.map(({ partition }) => partition))
    const kind = (moved: boolean) => [...pauses].filter(([partition]) => isMoved.has(partition) === moved)
    const phase = {
      stay: pausesOf(kind(false).map(([, ms]) => ms)),
      moved: pausesOf(kind(true).map(([, ms]) => ms)),
      from: counted(restored.map(({ source }) => source)),
      stateMiB: Math.round(Math.max(0, ...restored.map(({ bytes }) => bytes)) / 1_048_576),
      restoreMs: Math.max(0, ...restored.map(({ durationMs }) => durationMs)),
    }
    process.stdout.write(`${what}: ${JSON.stringify(phase)}\n`)
    return phase
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.kill()))
    await this.#watch.stop()
  }
}

interface RestoredLine {
  readonly partition: number
  readonly source: string
  readonly bytes: number
  readonly durationMs: number
}

function restoredBy(running: Tidegauge): RestoredLine[] {
  return running.log.flatMap((line) => {
    if (line.msg !== 'state restored') return []
    const partition = Number(/-(\d+)$/.exec(String(line['task']))?.[1])
    return {
      partition,
      source: String(line['from']),
      bytes: Number(line['bytes']),
      durationMs: Number(line['durationMs']),
    }
  })
}

function pausesOf(ms: readonly number[]): Pauses {
  const sorted = [...ms].sort((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0)
  return { partitions: sorted.length, medianMs: at(0.5), worstMs: at(1) }
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function pipelineText(trees: string, sampleSize: string): string {
  return `
name: rebalance
source: { kafka: { topics: [${TOPIC}], group: ${GROUP}, from: earliest } }
decode: { format: json, timestampUnit: ms }
period: { length: 1m }
series: { limit: 100000 }
detector: { trees: ${trees}, sampleSize: ${sampleSize} }
alarms:
  - { name: anomalous, on: grade, threshold: 0 }
commit: { interval: 200ms }
checkpoint: { interval: 1m }
`
}
