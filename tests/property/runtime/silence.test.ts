import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CheckpointStore } from '../../../src/runtime/checkpoint.ts'
import { silentLogger } from '../../../src/runtime/logger.ts'
import { PartitionLoop } from '../../../src/runtime/partition-loop.ts'
import type { BatchControl, TopicPartition } from '../../../src/runtime/ports.ts'
import { WINDOW_DEFAULTS } from '../../../src/window/options.ts'
import { FakeBroker } from '../../support/fake-broker.ts'
import { MemoryStore } from '../../support/memory-store.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../../support/pipeline-options.ts'
import { loopOptions } from '../../support/runner.ts'
import { silentObserver } from '../../support/silent-observer.ts'

const T0 = 1_700_000_040_000
const INPUT: TopicPartition = { topic: 'in', partition: 0 }
const SILENCE_MS = 2 * MINUTE_MS
const DELAY_MS = 5_000
const CONTROL: BatchControl = { heartbeat: async () => {}, isCurrent: () => true }

const PIPELINE = pipelineOptions({
  window: { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, latenessMs: 10_000 },
  alarms: [thresholdAlarm('high', 60)],
})

/** A record arrives `DELAY_MS` behind its time unless it was held up; between records, the partition may be silent. */
interface Step {
  readonly afterMs: number
  readonly heldUpMs: number
  /** Its owner crashes once it was read, and the next one goes on. */
  readonly crash: boolean
  /** How often the silence before it is looked at. */
  readonly looks: number
}

/** Lives through the steps; `ticking`: silences are looked at. Gives what became visible. */
async function live(steps: readonly Step[], ticking: boolean, crashing: boolean): Promise<string[]> {
  const broker = new FakeBroker()
  const store = new MemoryStore()
  let nowMs = T0
  const options = loopOptions({
    pipeline: PIPELINE,
    commitIntervalMs: 1,
    commitRecords: 1,
    checkpointIntervalMs: 7 * MINUTE_MS,
    silenceMs: SILENCE_MS,
  })
  const name = `${INPUT.topic}-${INPUT.partition}`
  const begin = async () => {
    const loop = new PartitionLoop(INPUT, options, {
      sinks: broker,
      checkpoints: new CheckpointStore(store),
      clock: { nowMs: () => nowMs },
      logger: silentLogger,
      observer: silentObserver,
      sleep: async () => {},
    })
    const start = await loop.assigned(async () => {
      const offset = broker.offsets.get(name)
      return offset === undefined ? undefined : { offset, metadata: broker.metadata.get(name) ?? '' }
    })
    const from = start.kind === 'offset' ? Number(start.offset) : 0
    const records = broker.log(INPUT).slice(from)
    if (records.length > 0) await loop.records({ ...INPUT, records, endOffset: BigInt(from + records.length) }, CONTROL)
    return loop
  }
  let loop = await begin()
  let eventMs = T0
  for (const [i, { afterMs, heldUpMs, crash, looks }] of steps.entries()) {
    for (let look = 1; look <= looks; look++) {
      nowMs += afterMs / looks
      if (ticking) await loop.silent(CONTROL)
    }
    if (looks === 0) nowMs += afterMs
    eventMs += afterMs
    broker.append(INPUT, jsonSample('m', { s: String(i % 2) }, eventMs - heldUpMs, (i * 37) % 100), nowMs)
    nowMs += DELAY_MS / 1_000
    const records = broker.log(INPUT).slice(-1)
    await loop.records({ ...INPUT, records, endOffset: BigInt(broker.log(INPUT).length) }, CONTROL)
    if (crash && crashing) loop = await begin()
  }
  // The end is closed by a record, so that what is compared does not depend on who looked last.
  nowMs += 30 * MINUTE_MS
  broker.append(INPUT, jsonSample('m', { s: '0' }, eventMs + 30 * MINUTE_MS, 1), nowMs)
  const records = broker.log(INPUT).slice(-1)
  await loop.records({ ...INPUT, records, endOffset: BigInt(broker.log(INPUT).length) }, CONTROL)
  await loop.revoked(CONTROL)
  // Each topic has an order of its own.
  return ['scores', 'alarms'].flatMap((name) =>
    broker.visible.filter(({ topic }) => topic === name).map(({ value }) => String(value)),
  )
}

const step = (heldUpMs: fc.Arbitrary<number>) =>
  fc.record({
    afterMs: fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 3 * MINUTE_MS, max: 20 * MINUTE_MS })),
    heldUpMs,
    crash: fc.boolean(),
    looks: fc.nat(3),
  })

it('closes by the clock what the next record would have closed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step(fc.constant(0)), { maxLength: 25 }), async (steps) => {
      expect(await live(steps, true, true)).toEqual(await live(steps, false, false))
    }),
    { numRuns: 60 },
  )
})

it('makes the same moves of time again after a crash, so that what was late stays late', async () => {
  let different = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step(fc.nat(15 * MINUTE_MS)), { maxLength: 25 }), async (steps) => {
      const undisturbed = await live(steps, true, false)
      expect(await live(steps, true, true)).toEqual(undisturbed)
      if (JSON.stringify(await live(steps, false, false)) !== JSON.stringify(undisturbed)) different++
    }),
    { numRuns: 60 },
  )
  // Else nothing was late because of the clock, and the property would hold of anything.
  expect(different).toBeGreaterThan(10)
})
