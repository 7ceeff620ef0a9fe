import { toPipelineOptions } from '../../config/pipeline-options.ts'
import type { PipelineConfig } from '../../config/schema/pipeline.ts'
import type { ExpectedTransition, PipelineTestCase, TestInput } from '../../config/schema/pipeline-test.ts'
import { expandValues } from '../../config/value-notation.ts'
import { formatDuration } from '../../core/duration.ts'
import { seedOf } from '../../core/hash.ts'
import { Rng } from '../../core/rng.ts'
import { PartitionTask, type TaskRecord } from '../../pipeline/partition-task.ts'
import { StepOutput } from '../../pipeline/step-output.ts'

/** A change of state as it happened, time as ms since the start of the test. */
export interface HappenedTransition {
  readonly atMs: number
  readonly alarm: string
  readonly series: string
  readonly from: string
  readonly to: string
}

export interface CaseOutcome {
  readonly name: string
  readonly records: number
  readonly transitions: readonly HappenedTransition[]
  readonly deadLetters: readonly string[]
  /** What is not as it was expected; empty when the test passes. */
  readonly failures: readonly string[]
}

/** Runs one case of a test file through the pipeline's own state machine: no broker, no clock, the same every time. */
export function runPipelineTest(config: PipelineConfig, test: PipelineTestCase): CaseOutcome {
  const task = new PartitionTask(toPipelineOptions(config))
  const out = new StepOutput()
  const records = recordsOf(test)
  task.step(records, out)
  // One period after another, as the runtime does in a silence: event time does not leap.
  const { length, lateness } = config.period
  const newestMs = records.reduce((newest, { timestampMs }) => Math.max(newest, timestampMs), test.start)
  const endMs = Math.max(test.start + test.until, newestMs + length) + lateness
  for (let atMs = newestMs + length; atMs <= endMs; atMs += length) task.tick(atMs, out)
  task.tick(endMs, out)
  task.dispose()
  const transitions = happened(out, test.start)
  const deadLetters = out.deadLetters.map(({ reason }) => reason)
  const failures = [...compareTransitions(test.expect.transitions, transitions), ...compareLetters(test, deadLetters)]
  return { name: test.name, records: records.length, transitions, deadLetters, failures }
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

function happened(out: StepOutput, startMs: number): readonly HappenedTransition[] {
  return out.transitions
    .map(({ transition }) => ({
      atMs: transition.to.timestampMs - startMs,
      alarm: transition.alarm,
      series: transition.series.key,
      from: transition.from.value,
      to: transition.to.value,
    }))
    .filter(({ from, to }) => from !== 'INSUFFICIENT_DATA' || to !== 'OK')
    .sort((a, b) => a.atMs - b.atMs)
}

/** Each expected transition takes the first one that fits it; what is left on either side is a failure. */
function compareTransitions(
  expected: readonly ExpectedTransition[],
  transitions: readonly HappenedTransition[],
): readonly string[] {
  const left = [...transitions]
  const missing = expected.flatMap((wanted) => {
    const i = left.findIndex((one) => fits(one, wanted))
    if (i >= 0) left.splice(i, 1)
    return i >= 0 ? [] : [`did not happen: ${describeExpected(wanted)}`]
  })
  return [...missing, ...left.map((one) => `was not expected: ${describeHappened(one)}`)]
}

function fits(one: HappenedTransition, { at, alarm, series, from, to }: ExpectedTransition): boolean {
  const inTime = one.atMs >= at.fromMs && one.atMs <= at.toMs
  return inTime && one.alarm === alarm && one.series === series.key && one.to === to && (from ?? one.from) === one.from
}

function describeExpected({ at, alarm, series, from, to }: ExpectedTransition): string {
  const time = at.fromMs === at.toMs ? clock(at.fromMs) : `${clock(at.fromMs)}..${clock(at.toMs)}`
  return `${time} ${alarm} of ${series.key}: ${from ?? 'any'} -> ${to}`
}

export function describeHappened({ atMs, alarm, series, from, to }: HappenedTransition): string {
  return `${clock(atMs)} ${alarm} of ${series}: ${from} -> ${to}`
}

/** Time since the start with its days and hours apart: `2d3h10m`. */
function clock(ms: number): string {
  const units = [86_400_000, 3_600_000, 60_000, 1_000, 1]
  let left = ms
  const parts = units.flatMap((unit) => {
    const whole = left - (left % unit)
    left -= whole
    return whole === 0 ? [] : [formatDuration(whole)]
  })
  return parts.length === 0 ? '0s' : parts.join('')
}

function compareLetters(test: PipelineTestCase, reasons: readonly string[]): readonly string[] {
  const expected = test.expect.deadLetters.join(', ')
  const found = reasons.join(', ')
  return expected === found ? [] : [`dead letters: expected [${expected}], found [${found}]`]
}
