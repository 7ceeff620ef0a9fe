import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DETECTOR_DEFAULTS } from '../../../src/pipeline/detector/options.ts'
import { PartitionTask, type TaskRecord } from '../../../src/pipeline/partition-task.ts'
import type { PartHome, SnapshotPart } from '../../../src/pipeline/saved-part.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import type { TaskCut } from '../../../src/pipeline/task-cut.ts'
import { WINDOW_DEFAULTS } from '../../../src/window/options.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../../support/pipeline-options.ts'

const T0 = 1_700_000_040_000

const options = pipelineOptions({
  window: { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, expireAfterMs: 4 * MINUTE_MS },
  series: { limit: 4, onLimit: 'evict' },
  detector: { ...DETECTOR_DEFAULTS, trees: 1, sampleSize: 16 },
  alarms: [thresholdAlarm('high', 50)],
})

/** Segments that hold parts, newest first. */
interface Segment {
  readonly parts: SnapshotPart[]
}

/** What a checkpoint of the cut consists of: its own segments, then those of before that it still needs. */
function whole(cut: TaskCut, own: readonly Segment[], earlier: readonly Segment[]): SnapshotPart[] {
  const needed = earlier.filter((segment) => cut.homes.has(segment))
  return [cut.head, ...[...own, ...needed].flatMap(({ parts }) => parts)]
}

const bytesOf = (task: PartitionTask) =>
  [...task.snapshot()].map(({ kind, name, bytes }) => [kind, name, Buffer.from(bytes).toString('base64')])

const move = fc.record({
  series: fc.integer({ min: 0, max: 6 }),
  stepMs: fc.integer({ min: 0, max: 50_000 }),
  value: fc.integer({ min: 0, max: 100 }),
})
/** Records stepped between two takes of one part, and how many parts of little life a segment may keep. */
const round = fc.record({
  between: fc.array(fc.array(move, { maxLength: 4 }), { maxLength: 12 }),
  compact: fc.boolean(),
})

it('is the state of its instant, whatever is stepped while it is taken away, over many cuts', () => {
  fc.assert(
    fc.property(fc.array(round, { minLength: 1, maxLength: 6 }), (rounds) => {
      const task = new PartitionTask(options)
      let nowMs = T0
      let offset = 0n
      const step = (moves: readonly { series: number; stepMs: number; value: number }[]) => {
        const records = moves.map(({ series, stepMs, value }): TaskRecord => {
          nowMs += stepMs
          const sample = jsonSample('m', { s: String(series) }, nowMs, value)
          return { offset: offset++, timestampMs: nowMs, value: sample }
        })
        task.step(records, new StepOutput())
      }
      let segments: Segment[] = []
      for (const { between, compact } of rounds) {
        step(between.flat())
        const expected = bytesOf(task)
        const cut = task.cut((home: PartHome, live) => {
          const total = (home as Segment).parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
          return compact && live < total / 2
        })
        const own: Segment[] = []
        for (let i = 0; ; i++) {
          const segment: Segment = { parts: [] }
          const part = cut.take(segment)
          if (part === undefined) break
          segment.parts.push({ ...part, bytes: part.bytes.slice() })
          own.push(segment)
          step(between[i] ?? [])
        }
        const restored = PartitionTask.restore(options, whole(cut, own, segments), 'cut')
        expect(bytesOf(restored)).toEqual(expected)
        segments = [...own, ...segments.filter((segment) => cut.homes.has(segment))]
      }
    }),
    { numRuns: 25 },
  )
})

it('leaves out what has not changed, and copies what changes before its turn', () => {
  const task = new PartitionTask(options)
  const at = (minute: number, series: string): TaskRecord => {
    const timestampMs = T0 + minute * MINUTE_MS
    return { offset: 0n, timestampMs, value: jsonSample('m', { s: series }, timestampMs, 1) }
  }
  task.step([at(0, 'a'), at(0, 'b')], new StepOutput())
  const home = {}
  const first = task.cut(() => false)
  expect(first.left).toBe(4)
  while (first.take(home) !== undefined);
  expect([...task.cut(() => false).homes]).toEqual([home])
  task.step([at(0, 'b')], new StepOutput())
  const second = task.cut(() => false)
  expect(second.left).toBe(1)
  task.step([at(0, 'b')], new StepOutput())
  expect(second.copiedBytes).toBeGreaterThan(0)
  expect(second.take({})).toMatchObject({ kind: 'series', name: 'm{s="b"}' })
  expect(second.copiedBytes).toBe(0)
  // It has changed since it was copied, so the next cut has it again; once the home is lost, all that was there too.
  expect(task.cut(() => false).left).toBe(1)
  task.forgetHomes((lost) => lost === home)
  expect(task.cut(() => false).left).toBe(4)
})
