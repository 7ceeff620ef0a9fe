import type { AlarmEvent } from '../alarm/alarm-event.ts'
import type { ScoredPoint } from '../band/scored-point.ts'
import type { Series } from '../core/series.ts'
import type { Rejection } from '../decode/decoder.ts'
import { noPlacement, type PlacementFacts } from './placement.ts'

/** One scored point with the series that it belongs to. */
export interface ScoredSeries {
  readonly series: Series
  readonly point: ScoredPoint
}

/** A scored point with what it did to its series' alarms. */
export interface JudgedPoint extends ScoredSeries {
  readonly events: readonly AlarmEvent[]
}

/** A record, or a part of it, that could not be used. */
export interface DeadLetter extends Rejection {
  readonly offset: bigint
  readonly value: Uint8Array | null
}

/** What became of a decoded sample. Closed: a metric label. */
export const SAMPLE_OUTCOMES = [
  'accepted',
  /** The same series and instant came before with another value, which this one replaces. */
  'replaced',
  'duplicate',
  /** The pipeline's selection does not ask for the series. */
  'unselected',
  /** Its period is closed. */
  'late',
  /** It would need more open periods than a series may have. */
  'too_far_ahead',
  /** Its series had been silent for too long, and could not be taken up anew. */
  'expired',
  /** A stale marker: it ended its series. */
  'stale',
  /** A new series that was not let in, because the table is full. */
  'series_refused',
] as const
export type SampleOutcome = (typeof SAMPLE_OUTCOMES)[number]

/** Series that came and went. Closed: a metric label. */
export const SERIES_CHANGES = ['created', 'evicted', 'expired', 'refused'] as const
export type SeriesChange = (typeof SERIES_CHANGES)[number]

/** What steps of a task produced, in order. Filled by the task, emptied by the runtime at each commit. */
export class StepOutput {
  readonly scores: ScoredSeries[] = []
  readonly events: AlarmEvent[] = []
  readonly deadLetters: DeadLetter[] = []
  readonly samples: Record<SampleOutcome, number> = zeros(SAMPLE_OUTCOMES)
  readonly series: Record<SeriesChange, number> = zeros(SERIES_CHANGES)
  /** Keys of the series that were let go. */
  readonly removed: string[] = []
  /** Forecasts over several periods have become due. */
  forecastDue = false
  records = 0
  /** Not a result: a restored task begins to watch anew. */
  readonly placement: PlacementFacts = noPlacement()
}

function zeros<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>
}
