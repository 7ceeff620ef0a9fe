import { describe, expect, it } from 'vitest'
import type { PipelineOptions } from '../../../src/pipeline/options.ts'
import { PartitionTask, type TaskRecord } from '../../../src/pipeline/partition-task.ts'
import { StepOutput } from '../../../src/pipeline/step-output.ts'
import { jsonSample, MINUTE_MS, pipelineOptions, thresholdAlarm } from '../../support/pipeline-options.ts'

const T0 = 1_700_000_040_000

function records(...values: (Uint8Array | null)[]): TaskRecord[] {
  return values.map((value, i) => ({ offset: BigInt(i), timestampMs: T0, value }))
}

const at = (minute: number, value: number, name = 'cpu', labels: Record<string, string> = { host: 'a' }) =>
  jsonSample(name, labels, T0 + minute * MINUTE_MS, value)

function run(options: PipelineOptions, input: TaskRecord[]) {
  const task = new PartitionTask(options)
  const out = new StepOutput()
  task.step(input, out)
  return { task, out }
}

const rows = (out: StepOutput) =>
  out.scores.map(({ series, point }) => [
    series.key,
    (point.timestampMs - T0) / MINUTE_MS,
    point.inputs.map((i) => i.value),
  ])

describe('PartitionTask', () => {
  it('closes a period when a later one begins, for every series of the partition', () => {
    const { out } = run(pipelineOptions(), records(at(0, 1), at(0, 5, 'mem'), at(1, 2)))
    expect(rows(out)).toEqual([
      ['cpu{host="a"}', 0, [1]],
      ['mem{host="a"}', 0, [5]],
    ])
  })

  it('sees a silent series as missing, and lets it go when it stays silent', () => {
    const window = { ...pipelineOptions().window, expireAfterMs: 3 * MINUTE_MS }
    const beats = Array.from({ length: 8 }, (_, i) => at(i, i, 'beat'))
    const { out, task } = run(pipelineOptions({ window }), records(at(0, 1), ...beats))
    const silent = rows(out).filter(([key]) => key === 'cpu{host="a"}')
    expect(silent.map(([, minute]) => minute)).toEqual([0, 1, 2, 3])
    expect(silent.at(-1)?.[2]).toEqual([Number.NaN])
    expect(out.series).toMatchObject({ created: 2, expired: 1 })
    expect(out.removed).toEqual(['cpu{host="a"}'])
    expect(task.entityCount).toBe(1)
  })

  it('turns what it cannot read into dead letters and goes on', () => {
    const bad = new TextEncoder().encode('{"name":')
    const { out } = run(pipelineOptions(), records(at(0, 1), bad, null, at(1, 2)))
    expect(out.deadLetters.map(({ reason, offset }) => [reason, offset])).toEqual([
      ['not_json', 1n],
      ['empty_record', 2n],
    ])
    expect(out.scores).toHaveLength(1)
  })

  it('counts what became of each sample', () => {
    const select = { rules: [{ match: { name: 'cpu' }, drop: false }], dropLabels: [] }
    const { out } = run(pipelineOptions({ select }), records(at(0, 1), at(0, 1), at(2, 1), at(0, 3), at(2, 1, 'disk')))
    expect(out.samples).toMatchObject({ accepted: 2, duplicate: 1, late: 1, unselected: 1 })
  })

  it('joins the metrics of one entity into one point', () => {
    const join = { name: 'host', by: ['host'], metrics: ['cpu', 'mem'] }
    const input = records(at(0, 1, 'cpu', { host: 'a', core: '0' }), at(0, 7, 'mem'), at(0, 3, 'disk'), at(1, 2))
    const { out } = run(pipelineOptions({ join }), input)
    expect(rows(out)).toEqual([['host{host="a"}', 0, [1, 7]]])
    expect(out.samples.unselected).toBe(1)
  })

  it('gives each alarm of each matching series its own state', () => {
    const alarms = [thresholdAlarm('high', 10), thresholdAlarm('cpu-high', 5, { name: 'cpu' })]
    const { out } = run(pipelineOptions({ alarms }), records(at(0, 7), at(0, 7, 'mem'), at(1, 20), at(2, 0)))
    const seen = out.events.map(({ alarm, series, state }) => `${alarm} ${series.name} ${state.value}`)
    expect(seen).toEqual(['high cpu OK', 'cpu-high cpu ALARM', 'high mem OK', 'high cpu ALARM'])
  })

  it('refuses newcomers at the limit while the others live, and takes them when one is silent', () => {
    const series = { limit: 1, onLimit: 'evict' as const }
    const { out } = run(pipelineOptions({ series }), records(at(0, 1), at(0, 1, 'mem'), at(1, 1), at(5, 1, 'mem')))
    expect(out.samples.series_refused).toBe(1)
    expect(out.series).toMatchObject({ created: 2, refused: 1, evicted: 1 })
  })

  it('refuses a snapshot that lacks a series', () => {
    const { task } = run(pipelineOptions(), records(at(0, 1), at(0, 1, 'mem'), at(1, 1)))
    const parts = [...task.snapshot()]
    expect(() => PartitionTask.restore(pipelineOptions(), parts.slice(0, -1), 'here')).toThrow(/holds 1 of 2 series/)
  })
})
