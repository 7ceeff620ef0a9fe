import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DETECTOR_DEFAULTS } from '../../../src/pipeline/detector/options.ts'
import { PartitionTask, type TaskRecord } from '../../../src/pipeline/partition-task.ts'
import { toScoreRecord } from '../../../src/pipeline/render.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import { WINDOW_DEFAULTS } from '../../../src/window/options.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../../support/pipeline-options.ts'

const T0 = 1_700_000_040_000

const options = pipelineOptions({
  window: { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, latenessMs: 30_000, expireAfterMs: 6 * MINUTE_MS },
  series: { limit: 4, onLimit: 'evict' },
  detector: { ...DETECTOR_DEFAULTS, trees: 5, sampleSize: 16, shingle: 2 },
  alarms: [thresholdAlarm('high', 50)],
})

/** Samples that come mostly in order, some late, some twice, of more series than there is room for, with rubbish between. */
const stream = fc
  .array(
    fc.record({
      series: fc.integer({ min: 0, max: 5 }),
      stepMs: fc.integer({ min: 0, max: 45_000 }),
      backMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 120_000 })),
      value: fc.integer({ min: 0, max: 100 }),
      rubbish: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
    { minLength: 1, maxLength: 150 },
  )
  .map((steps) => {
    let nowMs = T0
    return steps.map((step, i): TaskRecord => {
      nowMs += step.stepMs
      const value = step.rubbish
        ? Uint8Array.of(123, i)
        : jsonSample('m', { s: String(step.series) }, nowMs - step.backMs, step.value)
      return { offset: BigInt(i), timestampMs: nowMs, value }
    })
  })

function print(out: StepOutput): string[] {
  return [
    ...out.scores.map((scored) => JSON.stringify(toScoreRecord('p', MINUTE_MS, scored))),
    ...out.events.map((event) => JSON.stringify(event)),
    ...out.deadLetters.map(({ reason, offset }) => `${reason} ${offset}`),
    JSON.stringify([out.samples, out.series, out.removed]),
  ]
}

it('gives the same output wherever the records are cut into steps and wherever the task is saved and restored', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.tuple(fc.nat(150), fc.boolean()), { maxLength: 12 }), (records, cuts) => {
      const whole = new StepOutput()
      new PartitionTask(options).step(records, whole)

      const pieces = new StepOutput()
      let task = new PartitionTask(options)
      let from = 0
      for (const [cut, restart] of [...cuts].sort((a, b) => a[0] - b[0])) {
        task.step(records.slice(from, cut), pieces)
        from = Math.max(from, cut)
        if (restart) task = PartitionTask.restore(options, [...task.snapshot()], 'cut')
      }
      task.step(records.slice(from), pieces)
      expect(print(pieces)).toEqual(print(whole))
    }),
    { numRuns: 60 },
  )
})
