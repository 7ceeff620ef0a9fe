import type { Series } from '../core/series.ts'
import type { SeriesRecord } from '../forecast/series-lines.ts'
import type { PipelineOptions } from './options.ts'
import { PartitionTask, type TaskRecord } from './partition-task.ts'
import { type ScoredSeries, StepOutput } from './step-output.ts'

/** Periods kept of each series at least: the newest; twice as many at most. */
const PERIODS_MAX = 20_000

interface Kept {
  readonly series: Series
  startMs: number
  values: number[]
}

/**
 * The periods that a partition's records make, series by series: what a model is trained on. The records go through the
 * very task that the stream has, without detector and alarms, so that decoding, selection, joins, lateness, statistics and
 * limits are the same. One for each partition; records in offset order.
 */
export class PeriodHistory {
  readonly #task: PartitionTask
  readonly #periodMs: number
  readonly #categories: readonly string[]
  readonly #kept = new Map<string, Kept>()

  /** `options` are the pipeline's own. */
  constructor(options: PipelineOptions) {
    this.#task = new PartitionTask({ ...options, detector: undefined, alarms: [], composites: [], mutes: [] })
    this.#periodMs = options.window.periodMs
    this.#categories = options.detector?.forecast.categories ?? []
  }

  add(records: readonly TaskRecord[]): void {
    const out = new StepOutput()
    this.#task.step(records, out)
    for (const scored of out.scores) this.#take(scored)
  }

  #take({ series, point }: ScoredSeries): void {
    point.inputs.forEach(({ name, value, observed }) => {
      const id = point.inputs.length === 1 ? series.key : `${series.key}/${name}`
      let kept = this.#kept.get(id)
      if (kept === undefined) {
        kept = { series, startMs: point.timestampMs, values: [] }
        this.#kept.set(id, kept)
      }
      const index = Math.round((point.timestampMs - kept.startMs) / this.#periodMs)
      // A series that was away for longer than is kept begins anew.
      if (index > kept.values.length + PERIODS_MAX) {
        kept.startMs = point.timestampMs
        kept.values = []
      }
      while (kept.values.length < index) kept.values.push(Number.NaN)
      kept.values.push(observed && Number.isFinite(value) ? value : Number.NaN)
      if (kept.values.length < 2 * PERIODS_MAX) return
      kept.startMs += (kept.values.length - PERIODS_MAX) * this.#periodMs
      kept.values = kept.values.slice(-PERIODS_MAX)
    })
  }

  /** One record a series and input, its categories the values of the labels that the pipeline names. */
  series(): readonly SeriesRecord[] {
    return [...this.#kept].map(([itemId, { series, startMs, values }]) => ({
      itemId,
      start: new Date(startMs).toISOString(),
      startMs,
      target: Float64Array.from(values),
      categories: this.#categories.map((label) => series.labels[label] ?? ''),
      dynamic: [],
    }))
  }

  dispose(): void {
    this.#task.dispose()
  }
}
