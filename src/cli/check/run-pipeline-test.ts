import type { AlarmEvent } from '../../alarm/alarm-event.ts'
import { toPipelineOptions } from '../../config/pipeline-options.ts'
import type { PipelineConfig } from '../../config/schema/pipeline.ts'
import type { PipelineTestCase, TestInput } from '../../config/schema/pipeline-test.ts'
import { expandValues } from '../../config/value-notation.ts'
import { seedOf } from '../../core/hash.ts'
import { Rng } from '../../core/rng.ts'
import { PartitionTask, type TaskRecord } from '../../pipeline/partition-task.ts'
import { StepOutput } from '../../pipeline/step-output.ts'
import { failuresOf, type Happened } from './compare-outcome.ts'

export interface CaseOutcome extends Happened {
  readonly name: string
  readonly records: number
  /** What is not as it was expected; empty when the test passes. */
  readonly failures: readonly string[]
}

/** Runs one case of a test file through the pipeline's own state machine: no broker, no clock, the same every time. */
export function runPipelineTest(config: PipelineConfig, test: PipelineTestCase): CaseOutcome {
  const records = recordsOf(test)
  const { events, deadLetters } = replay(config, test, records)
  const transitions = events
    .filter(({ event }) => event.type === 'alarm.state_change' && !isFirstOk(event))
    .map(({ event, atMs }) => ({ ...whose(event), atMs, from: event.previousState.value, to: event.state.value }))
  const told = events
    .filter(({ event }) => event.actionsHeld === null)
    .flatMap(({ event, atMs }) =>
      event.actions.map((channel) => ({ ...whose(event), atMs, channel, state: event.state.value })),
    )
  const failures = failuresOf(test.expect, { transitions, told, deadLetters })
  return { name: test.name, records: records.length, transitions, told, deadLetters, failures }
}

/** Every alarm comes to be; that it then finds nothing wrong is no news. */
function isFirstOk({ previousState, state }: AlarmEvent): boolean {
  return previousState.value === 'INSUFFICIENT_DATA' && state.value === 'OK'
}

function whose({ alarm, series }: AlarmEvent): { readonly alarm: string; readonly series: string } {
  return { alarm, series: series.key }
}

interface TimedEvent {
  readonly event: AlarmEvent
  /** Since the start of the test: when the state changed, or when the actions that were held back run. */
  readonly atMs: number
}

function replay(config: PipelineConfig, test: PipelineTestCase, records: readonly TaskRecord[]) {
  const { length, lateness } = config.period
  const task = new PartitionTask(toPipelineOptions(config))
  const out = new StepOutput()
  const events: TimedEvent[] = []
  const collect = () => {
    for (const event of out.events.splice(0)) {
      const changed = event.type === 'alarm.state_change'
      events.push({ event, atMs: (changed ? Date.parse(event.state.timestamp) : task.closedThroughMs) - test.start })
    }
  }
  for (const record of records) {
    task.step([record], out)
    collect()
  }
  // One period after another, as in a silence: event time does not leap.
  const newestMs = records.reduce((newest, { timestampMs }) => Math.max(newest, timestampMs), test.start)
  const endMs = Math.max(test.start + test.until, newestMs + length) + lateness
  for (let atMs = newestMs + length; atMs < endMs + length; atMs += length) {
    task.tick(Math.min(atMs, endMs), out)
    collect()
  }
  task.dispose()
  return { events, deadLetters: out.deadLetters.map(({ reason }) => reason) }
}

/** The records in order of time, as a topic would hold them. */
function recordsOf({ input, records, start }: PipelineTestCase): readonly TaskRecord[] {
  const encoder = new TextEncoder()
  const samples = input.flatMap((series) => samplesOf(series, start))
  const given = records.map(({ at, value }) => ({ timestampMs: start + at, text: value }))
  return [...samples, ...given]
    .sort((a, b) => a.timestampMs - b.timestampMs)
    .map(({ timestampMs, text }, i) => ({ offset: BigInt(i), timestampMs, value: encoder.encode(text) }))
}

function samplesOf({ series, values, every, offset, noise }: TestInput, startMs: number) {
  const rng = new Rng(seedOf(series.key))
  const samples: { readonly timestampMs: number; readonly text: string }[] = []
  for (const { timestampMs, value } of expandValues(values, startMs + offset, every)) {
    const noisy = value + (noise === 0 ? 0 : noise * rng.normal())
    if (Number.isNaN(value)) continue
    const { name, labels } = series
    samples.push({ timestampMs, text: JSON.stringify({ name, labels, timestamp: timestampMs, value: noisy }) })
  }
  return samples
}
