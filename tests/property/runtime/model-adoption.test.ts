import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DETECTOR_DEFAULTS } from '../../../src/pipeline/detector/options.ts'
import { CheckpointStore } from '../../../src/runtime/checkpoint.ts'
import { silentLogger } from '../../../src/runtime/logger.ts'
import { PartitionLoop } from '../../../src/runtime/partition-loop.ts'
import type { PipelineRunner } from '../../../src/runtime/pipeline-runner.ts'
import type { TopicPartition } from '../../../src/runtime/ports.ts'
import { WINDOW_DEFAULTS } from '../../../src/window/options.ts'
import { minutelyModel, released } from '../../support/band-models.ts'
import { FakeBroker, FakeSource } from '../../support/fake-broker.ts'
import { MemoryStore } from '../../support/memory-store.ts'
import { jsonSample, MINUTE_MS, pipelineOptions } from '../../support/pipeline-options.ts'
import { loopOptions, runnerOn } from '../../support/runner.ts'
import { silentObserver } from '../../support/silent-observer.ts'

const T0 = 1_700_000_040_000
const INPUT: TopicPartition = { topic: 'in', partition: 0 }
const RECORDS = 90
const FIRST = released(1, minutelyModel(1))
const SECOND = released(2, minutelyModel(2))

const pipeline = pipelineOptions({
  window: { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, latenessMs: 0 },
  detector: {
    ...DETECTOR_DEFAULTS,
    trees: 2,
    sampleSize: 16,
    forecast: { ...DETECTOR_DEFAULTS.forecast, model: 'deepar' },
  },
})

function filled(): FakeBroker {
  const broker = new FakeBroker()
  for (let i = 0; i < RECORDS; i++) {
    const nowMs = T0 + i * 20_000
    broker.append(INPUT, jsonSample('m', { s: String(i % 3) }, nowMs, 100 + ((i * 37) % 50)), nowMs)
  }
  return broker
}

class Member {
  readonly source: FakeSource
  readonly runner: PipelineRunner
  active = FIRST

  constructor(broker: FakeBroker, store: MemoryStore) {
    let nowMs = 0
    this.source = new FakeSource(broker)
    const options = loopOptions({ pipeline, commitIntervalMs: 10, commitRecords: 7, checkpointIntervalMs: 100 })
    const ports = {
      sinks: broker,
      checkpoints: new CheckpointStore(store),
      clock: { nowMs: () => nowMs++ },
      logger: silentLogger,
      observer: silentObserver,
      sleep: async () => {},
      activeModel: () => this.active,
    }
    this.runner = runnerOn(this.source, (partition) => new PartitionLoop(partition, options, ports))
  }

  async begin(): Promise<void> {
    await this.runner.start()
    await this.source.assign(INPUT)
  }
}

type Step = { readonly kind: 'poll'; readonly count: number } | { readonly kind: 'adopt' | 'crash' }

async function run(steps: readonly Step[]): Promise<string[]> {
  const broker = filled()
  const store = new MemoryStore()
  let member = new Member(broker, store)
  let active = FIRST
  await member.begin()
  for (const step of steps) {
    if (step.kind === 'poll') await member.source.poll(INPUT, step.count)
    else if (step.kind === 'adopt') {
      active = SECOND
      member.active = active
      await member.runner.adopt(active)
    } else {
      member.source.lose(INPUT)
      member = new Member(broker, store)
      member.active = active
      await member.begin()
      // As a follower does: what is active is offered again and again.
      await member.runner.adopt(active)
    }
  }
  while (await member.source.poll(INPUT, 10)) await member.runner.adopt(active)
  await member.runner.stop()
  return broker.visible.map(({ value }) => String(value))
}

it('a model adopted at an offset gives the same results after any crash behind it', async () => {
  const polls = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 50 }), polls, polls, async (before, between, behind) => {
      const poll = (count: number): Step => ({ kind: 'poll', count })
      const crash: Step = { kind: 'crash' }
      const undisturbed = await run([poll(before), { kind: 'adopt' }])
      const disturbed = await run([
        poll(before),
        { kind: 'adopt' },
        crash,
        ...between.map(poll),
        crash,
        ...behind.map(poll),
        crash,
      ])
      expect(disturbed).toEqual(undisturbed)
      expect(undisturbed.filter((line) => line.includes('"model":"deepar"')).length).toBeGreaterThan(10)
    }),
    { numRuns: 25 },
  )
})

it('a crash before the adoption leaves it to be made again: nothing is lost or written twice', async () => {
  const lines = await run([{ kind: 'poll', count: 20 }, { kind: 'crash' }, { kind: 'adopt' }])
  const periods = lines.map((line) => `${JSON.parse(line).series}@${JSON.parse(line).timestamp}`)
  expect(new Set(periods).size).toBe(periods.length)
  expect(periods.length).toBe((await run([])).length)
})
