import type { AlarmOptions } from '../alarm/options.ts'
import type { AlarmTransition } from '../alarm/state.ts'
import type { ScoredPoint } from '../band/scored-point.ts'
import type { Series } from '../core/series.ts'
import type { Rejection } from '../decode/decoder.ts'

/** One scored point with the series that it belongs to. */
export interface ScoredSeries {
  readonly series: Series
  readonly point: ScoredPoint
}

/** A change of an alarm's state with the alarm's configuration. */
export interface JudgedTransition {
  readonly transition: AlarmTransition
  readonly options: AlarmOptions
}

/** A record, or a part of it, that could not be used. */
export interface DeadLetter extends Rejection {
  readonly offset: bigint
  readonly value: Uint8Array | null
}

/** What became of a decoded sample. Closed: a metric label. */
export const SAMPLE_OUTCOMES = [
  'accepted',
  /** The pipeline's selection does not ask for the series. */
  'unselected',
  /** Behind the watermark: its period is closed. */
  'late',
  /** The same series and instant were there before. */
  'duplicate',
  /** Farther ahead of the watermark than buckets may be open. */
  'too_far_ahead',
  /** A stale marker: it ended its series. */
  'stale',
  /** A new series that was not let in, because the table is full. */
  'series_refused',
] as const
export type SampleOutcome = (typeof SAMPLE_OUTCOMES)[number]

/** Series that came and went. Closed: a metric label. */
export const SERIES_CHANGES = ['created', 'evicted', 'expired', 'ended', 'refused'] as const
export type SeriesChange = (typeof SERIES_CHANGES)[number]

/** What steps of a task produced, in order. Filled by the task, emptied by the runtime at each commit. */
export class StepOutput {
  readonly scores: ScoredSeries[] = []
  readonly transitions: JudgedTransition[] = []
  readonly deadLetters: DeadLetter[] = []
  readonly samples: Record<SampleOutcome, number> = zeros(SAMPLE_OUTCOMES)
  readonly series: Record<SeriesChange, number> = zeros(SERIES_CHANGES)
  /** Keys of the series that were let go. */
  readonly removed: string[] = []
  records = 0

  get isEmpty(): boolean {
    return this.scores.length === 0 && this.transitions.length === 0 && this.deadLetters.length === 0
  }
}

function zeros<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>
}
