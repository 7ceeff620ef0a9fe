import { TidegaugeError } from '../../src/core/errors.ts'
import type { Rng } from '../../src/core/rng.ts'
import { DETECTOR_DEFAULTS } from '../../src/pipeline/detector/options.ts'
import type { PipelineOptions } from '../../src/pipeline/options.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import type { PipelineObserver } from '../../src/runtime/observer.ts'
import { PartitionLoop } from '../../src/runtime/partition-loop.ts'
import type { PipelineRunner } from '../../src/runtime/pipeline-runner.ts'
import type { TopicPartition } from '../../src/runtime/ports.ts'
import { WINDOW_DEFAULTS } from '../../src/window/options.ts'
import { type FakeBroker, FakeSource } from '../support/fake-broker.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../support/pipeline-options.ts'
import { loopOptions, runnerOn } from '../support/runner.ts'
import { silentObserver } from '../support/silent-observer.ts'
import { cleansUnnamed, type Fault, oneAhead, PlantedCheckpoints } from './planted-checkpoints.ts'
import type { StateProcess, StateWorld } from './state-world.ts'

export const PARTITIONS: readonly TopicPartition[] = [
  { topic: 'in', partition: 0 },
  { topic: 'in', partition: 1 },
]

const T0 = 1_700_000_040_000

/** Faults that a simulation can be told to build in, to prove that it would see them. */
export const PLANTS = [
  'none',
  'checkpoint_one_ahead',
  'cleans_unnamed',
  'committed_before_fencing',
  'blind_retry',
] as const
export type Plant = (typeof PLANTS)[number]

/** Small, so that thousands of lives of it can be lived; everything that can go wrong with a task is in it. */
const PIPELINE: PipelineOptions = pipelineOptions({
  window: { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, latenessMs: 20_000, expireAfterMs: 8 * MINUTE_MS },
  series: { limit: 5, onLimit: 'evict' },
  detector: { ...DETECTOR_DEFAULTS, trees: 2, sampleSize: 16, shingle: 2 },
  alarms: [thresholdAlarm('high', 60)],
})

/** Fills the input partitions: samples in and out of order, late, twice, too many series, and rubbish. */
export function publish(broker: FakeBroker, rng: Rng): void {
  for (const partition of PARTITIONS) {
    const count = 15 + rng.below(45)
    let nowMs = T0
    let last: Uint8Array | null = null
    for (let i = 0; i < count; i++) {
      nowMs += rng.below(40_000)
      const kind = rng.below(20)
      const backMs = kind === 0 ? rng.below(180_000) : rng.below(15_000)
      const labels = { s: `${partition.partition}-${rng.below(7)}` }
      const value: Uint8Array | null =
        kind === 1
          ? null
          : kind === 2
            ? last
            : kind === 3
              ? Uint8Array.of(123)
              : jsonSample('m', labels, nowMs - backMs, rng.below(100))
      broker.append(partition, value, nowMs)
      last = value
    }
  }
}

/** What the processes of a simulation share. */
export interface World {
  readonly broker: FakeBroker
  readonly state: StateWorld
  readonly rng: Rng
  readonly plant: Plant
  /** Times that, in a sound changelog, a process found nothing although something was named, or a part was missing. */
  forgotten: number
}

/** One process of the group: it lives until it is thrown away. */
export class Member {
  readonly source: FakeSource
  readonly #world: World
  readonly #runner: PipelineRunner
  readonly #process: StateProcess
  #restored = false

  /** `meanwhile` happens between a commit that failed and the next attempt. */
  constructor(world: World, meanwhile = async () => {}) {
    const { broker, rng, plant, state } = world
    this.#world = world
    this.source = new FakeSource(broker)
    this.#process = state.enter()
    const clock = { nowMs: () => Math.floor(rng.uniform() * 1e6) }
    const options = loopOptions({
      pipeline: PIPELINE,
      // The clock jumps about, so commits and checkpoints fall due at random.
      commitIntervalMs: 300_000,
      commitRecords: 1 + rng.below(30),
      checkpointIntervalMs: 200_000,
      changelogTopic: 'state',
    })
    const restored = () => {
      this.#restored = true
    }
    const checkpointRefused: PipelineObserver['checkpointRefused'] = (_, reason) => {
      if (reason === 'missing' && state.soundLog) world.forgotten++
    }
    const ports = {
      sinks: plant === 'blind_retry' ? new BlindRetry(broker) : broker,
      checkpoints: new PlantedCheckpoints(this.#process, () => String(rng.below(1e9)), CHECKPOINT_PLANTS[plant]),
      clock,
      logger: silentLogger,
      observer: { ...silentObserver, restored, checkpointRefused },
      sleep: meanwhile,
    }
    this.#runner = runnerOn(this.source, (partition) => new PartitionLoop(partition, options, ports))
  }

  start(): Promise<void> {
    return this.#runner.start()
  }

  async assign(partition: TopicPartition): Promise<void> {
    const { broker, state } = this.#world
    await this.source.assign(partition)
    const named = broker.metadata.get(`${partition.topic}-${partition.partition}`) ?? ''
    if (named.includes('"at"') && state.soundLog && !this.#restored) this.#world.forgotten++
  }

  /** kill -9: nobody says goodbye, and what was not written is gone. */
  kill(partition: TopicPartition): void {
    this.#process.kill()
    this.source.lose(partition)
  }

  stop(): Promise<void> {
    return this.#runner.stop()
  }
}

const CHECKPOINT_PLANTS: Partial<Record<Plant, Fault>> = {
  checkpoint_one_ahead: oneAhead,
  cleans_unnamed: cleansUnnamed,
}

/** Planted fault: a commit whose answer was lost is made again without asking. */
class BlindRetry {
  readonly #broker: FakeBroker

  constructor(broker: FakeBroker) {
    this.#broker = broker
  }

  async open(id: string) {
    const sink = await this.#broker.open(id)
    return {
      close: () => sink.close(),
      commit: async (unit: Parameters<typeof sink.commit>[0]) => {
        for (;;) {
          try {
            return await sink.commit(unit)
          } catch (thrown) {
            if (!(thrown instanceof TidegaugeError) || !thrown.retryable) throw thrown
          }
        }
      },
    }
  }
}
