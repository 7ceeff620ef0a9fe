import { describe, expect, it } from 'vitest'
import { PartitionTask } from '../../../src/pipeline/partition-task.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import { factsOf, modelFactsOf, reportOf, restoredAlarmsOf } from '../../../src/runtime/step-report.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../../support/pipeline-options.ts'

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

it('a task says where it stands', () => {
  const { task } = stepped()
  expect(factsOf(task)).toMatchObject({ series: 1, watermarkMs: T0 + 2 * MINUTE_MS })
  expect(modelFactsOf(task)).toEqual({ version: 0, loss: Number.NaN, lossOfSeasonalNaive: Number.NaN })
  expect(restoredAlarmsOf(task)).toMatchObject([{ series: { key: 'm' }, alarm: 'high', state: 'ALARM' }])
})
