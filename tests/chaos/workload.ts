import { Fleet, fleetRecord } from '../../src/cli/demo/fleet.ts'
import { scriptIncidents } from '../../src/cli/demo/fleet-incidents.ts'
import { Rng } from '../../src/core/rng.ts'
import type { OutputRecord } from '../../src/runtime/ports.ts'

const PERIOD_MS = 60_000
/** Event time of the first period: a Monday. */
const FROM_MS = Date.parse('2026-03-02T08:00:00Z')
/** The incidents begin after so many periods. */
const QUIET_PERIODS = 30

export interface WorkloadOptions {
  readonly topic: string
  readonly partitions: number
  readonly series: number
  readonly seed: number
}

/** The input of a run, period by period: a fleet with incidents, and what a topic has in it besides good samples. */
export class Workload {
  readonly #options: WorkloadOptions
  readonly #fleet: Fleet
  readonly #rng: Rng
  #period = 0

  constructor(options: WorkloadOptions) {
    this.#options = options
    const incidents = scriptIncidents(FROM_MS + QUIET_PERIODS * PERIOD_MS, PERIOD_MS)
    this.#fleet = new Fleet({ size: options.series, intervalMs: PERIOD_MS, incidents, seed: options.seed })
    this.#rng = new Rng(options.seed)
  }

  /** The records of the next period. */
  next(): OutputRecord[] {
    const fromMs = FROM_MS + this.#period++ * PERIOD_MS
    const { topic } = this.#options
    const records: OutputRecord[] = []
    for (const sample of this.#fleet.samples(fromMs, fromMs + PERIOD_MS)) {
      const record = { topic, key: sample.series.key, value: fleetRecord(sample) }
      const kind = this.#rng.below(100)
      records.push(record)
      if (kind === 0) records.push(record)
      if (kind === 1) records.push(this.#rubbish())
      // Hours late; the same series' value of before.
      if (kind === 2)
        records.push({ ...record, value: fleetRecord({ ...sample, timestampMs: fromMs - 60 * PERIOD_MS }) })
    }
    return records
  }

  #rubbish(): OutputRecord {
    const { topic, partitions } = this.#options
    const values = ['{"name":', 'not a sample', '{"name":"up","labels":{},"timestamp":"soon","value":1}', null]
    const value = values[this.#rng.below(values.length)] ?? null
    return { topic, key: null, partition: this.#rng.below(partitions), value }
  }
}

/** A pipeline whose results go to topics named after the run. Every run has the same name, as seeds are made of it. */
export function pipelineText(topic: string, run: string): string {
  return `
name: chaos
source: { kafka: { topics: [${topic}], group: ${run}, from: earliest } }
decode: { format: json, timestampUnit: ms }
# What becomes of it may depend on the records alone.
period: { length: 1m, lateness: 1m, silence: off }
detector: { trees: 6, sampleSize: 32, shingle: 2 }
alarms:
  - { name: anomalous, on: grade, threshold: 0 }
  - { name: outside, on: band, evaluationPeriods: 3, datapointsToAlarm: 2 }
  - { name: silent, on: band, operator: LessThanLowerThreshold, evaluationPeriods: 2, treatMissingData: breaching }
  - { name: busy, on: threshold, threshold: 45, operator: GreaterThanThreshold, match: { name: process_cpu_usage_percent } }
sinks:
  scores: { topic: ${run}.scores }
  alarms: { topic: ${run}.alarms }
  deadLetter: { topic: ${run}.dead-letter }
commit: { interval: 250ms }
checkpoint: { interval: 2s }
`
}

/** The topics that results of a run are in. */
export function outputTopics(run: string): readonly string[] {
  return [`${run}.scores`, `${run}.alarms`, `${run}.dead-letter`]
}
