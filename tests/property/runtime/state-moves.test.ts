import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DETECTOR_DEFAULTS } from '../../../src/pipeline/detector/options.ts'
import { CheckpointStore } from '../../../src/runtime/checkpoint.ts'
import { silentLogger } from '../../../src/runtime/logger.ts'
import { PartitionLoop } from '../../../src/runtime/partition-loop.ts'
import type { PipelineRunner } from '../../../src/runtime/pipeline-runner.ts'
import { FakeBroker, FakeSource } from '../../support/fake-broker.ts'
import { MemoryLog } from '../../support/memory-log.ts'
import { MemoryStore } from '../../support/memory-store.ts'
import { jsonSample, MINUTE_MS, pipelineOptions } from '../../support/pipeline-options.ts'
import { loopOptions, runnerOn } from '../../support/runner.ts'
import { silentObserver } from '../../support/silent-observer.ts'

const INPUT = { topic: 'in', partition: 0 }
const T0 = 1_700_000_040_000
const MINUTES = 60
const pipeline = pipelineOptions({ detector: { ...DETECTOR_DEFAULTS, trees: 2, sampleSize: 16 } })
const seriesKey = 'm{s="a"}'

function filled(): FakeBroker {
  const broker = new FakeBroker()
  for (let minute = 0; minute < MINUTES; minute++) {
    for (const s of ['a', 'b']) {
      const value = (minute * 13) % 29 === 0 ? 500 : (minute * 7) % 11
      broker.append(INPUT, jsonSample('m', { s }, T0 + minute * MINUTE_MS, value), T0)
    }
  }
  return broker
}

/** A process with the changelog that all share, and a disk that it may share with nobody. */
class Member {
  readonly source: FakeSource
  readonly runner: PipelineRunner

  constructor(broker: FakeBroker, log: MemoryLog, disk: MemoryStore) {
    let nowMs = 0
    this.source = new FakeSource(broker)
    const options = loopOptions({
      pipeline,
      commitIntervalMs: 10,
      commitRecords: 7,
      checkpointIntervalMs: 40,
      changelogTopic: 'state',
    })
    const ports = {
      sinks: broker,
      checkpoints: new CheckpointStore(disk, log),
      clock: { nowMs: () => nowMs++ },
      logger: silentLogger,
      observer: silentObserver,
      sleep: async () => {},
    }
    this.runner = runnerOn(this.source, (partition) => new PartitionLoop(partition, options, ports))
  }

  async begin(): Promise<this> {
    await this.runner.start()
    await this.source.assign(INPUT)
    return this
  }
}

type Step = { readonly kind: 'poll'; readonly count: number } | { readonly kind: 'move'; readonly disk: number }

/** Feedback is given after so many records; afterwards the partition moves, from process to process and disk to disk. */
async function run(before: number, steps: readonly Step[]): Promise<string[]> {
  const broker = filled()
  const log = new MemoryLog()
  const disks = [0, 1, 2].map(() => new MemoryStore())
  let member = await new Member(broker, log, disks[0] ?? new MemoryStore()).begin()
  await member.source.poll(INPUT, before)
  const from = T0 + Math.floor(before / 2) * MINUTE_MS
  const range = { startMs: from - 3 * MINUTE_MS, endMs: from + 8 * MINUTE_MS }
  expect(await member.runner.feedback(seriesKey, { label: 'expected', range })).toBe(true)
  for (const step of steps) {
    if (step.kind === 'poll') await member.source.poll(INPUT, step.count)
    else {
      member.source.lose(INPUT)
      member = await new Member(broker, log, disks[step.disk] ?? new MemoryStore()).begin()
    }
  }
  while (await member.source.poll(INPUT, 10));
  await member.runner.stop()
  return broker.visible.map(({ value }) => String(value))
}

it('what a person has said moves with the partition, whatever disk the next process has', async () => {
  const poll = fc.record({ kind: fc.constant('poll' as const), count: fc.integer({ min: 1, max: 15 }) })
  const move = fc.record({ kind: fc.constant('move' as const), disk: fc.integer({ min: 0, max: 3 }) })
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 4, max: 90 }),
      fc.array(fc.oneof(poll, move), { maxLength: 10 }),
      async (before, steps) => {
        const still = steps.filter(({ kind }) => kind === 'poll')
        const moved = await run(before, steps)
        expect(moved).toEqual(await run(before, still))
        expect(moved.some((value) => value.includes('suppressed_feedback'))).toBe(true)
      },
    ),
    { numRuns: 40 },
  )
})
