import { TidegaugeError } from '../../src/core/errors.ts'
import type { Rng } from '../../src/core/rng.ts'
import { DETECTOR_DEFAULTS } from '../../src/pipeline/detector/options.ts'
import type { PipelineOptions } from '../../src/pipeline/options.ts'
import { CheckpointStore } from '../../src/runtime/checkpoint.ts'
import { silentLogger } from '../../src/runtime/logger.ts'
import { type LoopOptions, PartitionLoop } from '../../src/runtime/partition-loop.ts'
import type { PipelineRunner } from '../../src/runtime/pipeline-runner.ts'
import type { StateStore, TopicPartition } from '../../src/runtime/ports.ts'
import { WINDOW_DEFAULTS } from '../../src/window/options.ts'
import { type FakeBroker, FakeSource } from '../support/fake-broker.ts'
import { MemoryStore } from '../support/memory-store.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../support/pipeline-options.ts'
import { runnerOn } from '../support/runner.ts'
import { silentObserver } from '../support/silent-observer.ts'

export const PARTITIONS: readonly TopicPartition[] = [
  { topic: 'in', partition: 0 },
  { topic: 'in', partition: 1 },
]

const T0 = 1_700_000_040_000

/** Faults that a simulation can be told to build in, to prove that it would see them. */
export const PLANTS = ['none', 'checkpoint_one_ahead', 'committed_before_fencing', 'blind_retry'] as const
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

/** A store that now and then fails in the middle of a checkpoint, or keeps a damaged blob. */
class TornStore extends MemoryStore {
  readonly #rng: Rng
  faults = true

  constructor(rng: Rng) {
    super()
    this.#rng = rng
  }

  override async put(name: string, bytes: Uint8Array): Promise<void> {
    const fault = this.faults ? this.#rng.below(12) : 99
    if (fault === 0) throw new TidegaugeError('STORAGE_FAILED', 'no space left')
    const damaged = bytes.slice()
    if (fault === 1) damaged[this.#rng.below(damaged.length)]! ^= 0x10
    await super.put(name, fault === 2 ? bytes.slice(0, this.#rng.below(bytes.length)) : damaged)
  }
}

export function tornStore(rng: Rng): TornStore {
  return new TornStore(rng)
}

/** One process of the group: it lives until it is thrown away. */
export class Member {
  readonly source: FakeSource
  readonly #runner: PipelineRunner

  /** `meanwhile` happens between a commit that failed and the next attempt. */
  constructor(broker: FakeBroker, store: StateStore, rng: Rng, plant: Plant, meanwhile = async () => {}) {
    this.source = new FakeSource(broker)
    const checkpoints = plant === 'checkpoint_one_ahead' ? new OneAhead(store) : new CheckpointStore(store)
    const clock = { nowMs: () => Math.floor(rng.uniform() * 1e6) }
    const options: LoopOptions = {
      pipeline: PIPELINE,
      topics: { scores: 'scores', alarms: 'alarms', deadLetter: 'dead' },
      group: 'g',
      fingerprint: 1,
      start: { kind: 'earliest' },
      // The clock jumps about, so commits and checkpoints fall due at random.
      commitIntervalMs: 300_000,
      commitRecords: 1 + rng.below(30),
      checkpointIntervalMs: 200_000,
    }
    const ports = {
      sinks: plant === 'blind_retry' ? new BlindRetry(broker) : broker,
      checkpoints,
      clock,
      logger: silentLogger,
      observer: silentObserver,
      sleep: meanwhile,
    }
    this.#runner = runnerOn(this.source, (partition) => new PartitionLoop(partition, options, ports))
  }

  start(): Promise<void> {
    return this.#runner.start()
  }

  stop(): Promise<void> {
    return this.#runner.stop()
  }
}

/** Planted fault: the checkpoint claims one record more than it has seen. */
class OneAhead extends CheckpointStore {
  override async load(task: string, fingerprint: number, committed: bigint | undefined) {
    const loaded = await super.load(task, fingerprint, committed)
    if (loaded.checkpoint === undefined) return loaded
    return { ...loaded, checkpoint: { ...loaded.checkpoint, offset: loaded.checkpoint.offset + 1n } }
  }
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
