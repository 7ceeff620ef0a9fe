import { describe, expect, it } from 'vitest'
import type { ScoredPoint } from '../../../src/band/scored-point.ts'
import { makeSeries } from '../../../src/core/series.ts'
import { PartitionTask } from '../../../src/pipeline/partition-task.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import { factsOf, modelFactsOf, reportOf, restoredAlarmsOf } from '../../../src/runtime/step-report.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../../support/pipeline-options.ts'
import { missingPoint, scoredPoint } from '../../support/scored-points.ts'

const T0 = 1_700_000_040_000

function stepped() {
  const task = new PartitionTask(pipelineOptions({ alarms: [thresholdAlarm('high', 4)] }))
  const output = new StepOutput()
  const records = [1, 9, 9].map((value, i) => ({
    offset: BigInt(i),
    timestampMs: T0,
    value: jsonSample('m', {}, T0 + i * MINUTE_MS, value),
  }))
  const broken = { offset: 3n, timestampMs: T0, value: new TextEncoder().encode('{') }
  task.step([...records, broken], output)
  return { task, report: reportOf(output) }
}

describe('reportOf', () => {
  it('counts by reason, and keeps what is shown in its order', () => {
    const { report } = stepped()
    expect(report).toMatchObject({ records: 4, deadLetters: 1, rejections: { not_json: 1 } })
    expect(report.samples.accepted).toBe(3)
    expect(report.series.created).toBe(1)
    expect(report.scores.map(({ point }) => point.inputs[0]?.value)).toEqual([1, 9])
    expect(Object.values(report.points).reduce((sum, count) => sum + count, 0)).toBe(2)
    expect(report.events.map(({ state }) => state.value)).toEqual(['OK', 'ALARM'])
  })
})

it('counts values in and out of their bands, by whose band it was', () => {
  const output = new StepOutput()
  const series = makeSeries('m', {})
  const at = (value: number, model: ScoredPoint['model'] = 'deepar') => scoredPoint(0, { model }, { value })
  const noBand = scoredPoint(0, { model: 'deepar' }, { lower: Number.NaN, upper: Number.NaN })
  // The band is from 5 to 15, edges included; what was not observed meets none.
  const points = [at(5), at(15), at(10), at(4.99), at(15.01), at(20, 'seasonal-baseline'), missingPoint(0), noBand]
  output.scores.push(...points.map((point) => ({ series, point })))
  expect(reportOf(output).bands).toEqual({
    deepar: { inside: 3, outside: 2 },
    'seasonal-baseline': { inside: 0, outside: 1 },
  })
})

it('a task says where it stands', () => {
  const { task } = stepped()
  expect(factsOf(task)).toMatchObject({ series: 1, watermarkMs: T0 + 2 * MINUTE_MS })
  expect(modelFactsOf(task)).toEqual({ version: 0, loss: Number.NaN, lossOfSeasonalNaive: Number.NaN })
  expect(restoredAlarmsOf(task)).toMatchObject([{ series: { key: 'm' }, alarm: 'high', state: 'ALARM' }])
})
