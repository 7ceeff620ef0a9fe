import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ModelRelease } from '../../../src/pipeline/detector/band-model.ts'
import { DETECTOR_DEFAULTS } from '../../../src/pipeline/detector/options.ts'
import { PartitionTask, type TaskRecord } from '../../../src/pipeline/partition-task.ts'
import { toScoreRecord } from '../../../src/pipeline/render.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import { WINDOW_DEFAULTS } from '../../../src/window/options.ts'
import { minutelyModel, released } from '../../support/band-models.ts'
import { jsonSample, MINUTE_MS, pipelineOptions } from '../../support/pipeline-options.ts'

const T0 = 1_700_000_040_000

const options = pipelineOptions({
  window: { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, latenessMs: 0, expireAfterMs: 6 * MINUTE_MS },
  series: { limit: 5, onLimit: 'evict' },
  detector: {
    ...DETECTOR_DEFAULTS,
    trees: 2,
    sampleSize: 16,
    forecast: { ...DETECTOR_DEFAULTS.forecast, model: 'deepar' },
  },
})

const RELEASES: readonly (ModelRelease | undefined)[] = [
  released(1, minutelyModel(1)),
  released(2, minutelyModel(2)),
  undefined,
]

const stream = fc
  .array(
    fc.record({
      series: fc.integer({ min: 0, max: 6 }),
      stepMs: fc.integer({ min: 0, max: 70_000 }),
      value: fc.integer({ min: 0, max: 1_000 }),
    }),
    { minLength: 20, maxLength: 120 },
  )
  .map((steps) => {
    let nowMs = T0
    return steps.map(({ series, stepMs, value }, i): TaskRecord => {
      nowMs += stepMs
      return { offset: BigInt(i), timestampMs: nowMs, value: jsonSample('m', { s: String(series) }, nowMs, value) }
    })
  })

/** Adoptions at given records, and elsewhere cuts of the steps, some with a snapshot and a restore. */
const adoptions = fc.array(fc.tuple(fc.nat(120), fc.nat(2)), { minLength: 1, maxLength: 4 })
const cuts = fc.array(fc.tuple(fc.nat(120), fc.boolean()), { maxLength: 10 })

type Event = readonly [at: number, act: (task: PartitionTask) => PartitionTask]

function run(records: readonly TaskRecord[], events: readonly Event[]): string[] {
  const out = new StepOutput()
  let task = new PartitionTask(options)
  let from = 0
  for (const [at, act] of [...events].sort((a, b) => a[0] - b[0])) {
    task.step(records.slice(from, at), out)
    from = Math.max(from, at)
    task = act(task)
  }
  task.step(records.slice(from), out)
  return out.scores.map((scored) => JSON.stringify(toScoreRecord('p', MINUTE_MS, scored)))
}

it('gives the same bands wherever steps are cut, beside whomever series move, and wherever a task is restored', () => {
  let withModel = 0
  fc.assert(
    fc.property(stream, adoptions, cuts, (records, adopted, cut) => {
      const adopts = adopted.map(([at, which]): Event => {
        const act = (task: PartitionTask) => {
          expect(task.adopt(RELEASES[which])).toBeUndefined()
          return task
        }
        return [at, act]
      })
      const restarts = cut.map(([at, restart]): Event => {
        return [at, (task) => (restart ? PartitionTask.restore(options, [...task.snapshot()], 'test') : task)]
      })
      const whole = run(records, adopts)
      withModel += whole.filter((line) => line.includes('"model":"deepar"')).length
      expect(run(records, [...adopts, ...restarts])).toEqual(whole)
    }),
    { numRuns: 60 },
  )
  expect(withModel).toBeGreaterThan(500)
})
