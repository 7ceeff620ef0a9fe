import fc from 'fast-check'
import { expect, it } from 'vitest'
import { alarmOptions } from '../../../src/alarm/options.ts'
import { DETECTOR_DEFAULTS } from '../../../src/pipeline/detector/options.ts'
import { PartitionTask, type TaskRecord } from '../../../src/pipeline/partition-task.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import { WINDOW_DEFAULTS } from '../../../src/window/options.ts'
import { minutelyModel, released } from '../../support/band-models.ts'
import { jsonSample, MINUTE_MS, pipelineOptions } from '../../support/pipeline-options.ts'

const T0 = 1_700_000_040_000
const PERIODS = 110

const options = pipelineOptions({
  window: { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, latenessMs: 0 },
  detector: {
    ...DETECTOR_DEFAULTS,
    trees: 2,
    sampleSize: 16,
    forecast: { ...DETECTOR_DEFAULTS.forecast, model: 'deepar' },
  },
  alarms: [5, 20].map((within) => {
    const given = { on: 'forecast', threshold: 100, within: within * MINUTE_MS, every: 3 * MINUTE_MS } as const
    return { ...alarmOptions({ name: `soon-${within}`, periodMs: MINUTE_MS, ...given }), match: {} }
  }),
})
const MODEL = released(1, minutelyModel(1))

/** Three series that climb and fall about the threshold, each at its own pace. */
const RECORDS = Array.from({ length: 3 * PERIODS }, (_, i): TaskRecord => {
  const [series, period] = [i % 3, Math.floor(i / 3)]
  const nowMs = T0 + period * MINUTE_MS
  const value = 90 + 15 * Math.sin(period / (4 + series)) + ((i * 7919) % 13) / 4
  return { offset: BigInt(i), timestampMs: nowMs, value: jsonSample('m', { s: String(series) }, nowMs, value) }
})

function run(records: readonly TaskRecord[], adoptAt: number, cuts: readonly number[]): string[] {
  const out = new StepOutput()
  let task = new PartitionTask(options)
  let from = 0
  for (const at of [...cuts, adoptAt].sort((a, b) => a - b)) {
    task.step(records.slice(from, at), out)
    from = Math.max(from, at)
    if (cuts.includes(at)) task = PartitionTask.restore(options, [...task.snapshot()], 'test')
    if (at === adoptAt) expect(task.adopt(MODEL)).toBeUndefined()
  }
  task.step(records.slice(from), out)
  return out.events.map((event) => JSON.stringify(event))
}

const only = (events: readonly string[], series: string) => events.filter((event) => event.includes(`"s":"${series}"`))

it('alarms on forecasts do not depend on cuts, restores, or what else is in the task', () => {
  const place = fc.nat(RECORDS.length)
  let transitions = 0
  fc.assert(
    fc.property(place, fc.array(place, { maxLength: 6 }), (adoptAt, cuts) => {
      const whole = run(RECORDS, adoptAt, [])
      transitions = Math.max(transitions, whole.filter((event) => event.includes('forecast_crosses')).length)
      expect(run(RECORDS, adoptAt, cuts)).toEqual(whole)
    }),
    { numRuns: 6 },
  )
  expect(transitions).toBeGreaterThan(3)
  // One series alone, its model adopted at the same moment of its own.
  const alone = RECORDS.filter((_, i) => i % 3 === 1)
  expect(only(run(alone, 60, []), '1')).toEqual(only(run(RECORDS, 180, []), '1'))
})
