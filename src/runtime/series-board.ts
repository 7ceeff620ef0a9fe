import { createHash } from 'node:crypto'
import type { AlarmState } from '../alarm/state.ts'
import type { ScoredPoint } from '../band/scored-point.ts'
import { assert } from '../core/assert.ts'
import type { Clock } from '../core/clock.ts'
import type { TimeRange } from '../core/sample.ts'
import type { Series } from '../core/series.ts'
import type { ScoredSeries } from '../pipeline/step-output.ts'
import type { AlarmBoard } from './alarm-board.ts'
import { PointRing } from './point-ring.ts'
import type { ExposedSeries, ExpositionView, Page, PointView, SeriesQuery, SeriesSummary, SeriesView } from './views.ts'

export interface BoardOptions {
  /** Series shown at once; further ones are left out and counted until others fall silent. */
  readonly seriesMax: number
  /** Newest points kept of each series. */
  readonly pointsPerSeries: number
  /** A series of which no point came for this long (wall clock) is taken off the board. */
  readonly staleAfterMs: number
}

/** A full board is looked through at most this often, however many points come. */
const EXPIRE_EVERY_MS = 1_000

interface Row {
  readonly id: string
  readonly pipeline: string
  readonly series: Series
  /** The key in lower case, for search. */
  readonly haystack: string
  ring: PointRing
  newest: ScoredPoint
  updatedAtMs: number
}

interface PipelineRows {
  readonly options: BoardOptions
  readonly rows: Map<string, Row>
  pointsLeftOut: number
}

/** The id of a series: stable, safe in a URL, 96 bits of SHA-256. */
export function seriesIdOf(pipeline: string, seriesKey: string): string {
  return createHash('sha256').update(`${pipeline}\u0000${seriesKey}`).digest('base64url').slice(0, 16)
}

/**
 * The newest points of every series that is shown: written by the tasks' results, read by the metrics endpoint and the
 * API. It is a view and nothing is lost with it: the truth is in the results and in the tasks' state.
 */
export class SeriesBoard implements SeriesView, ExpositionView {
  readonly #clock: Clock
  readonly #alarms: AlarmBoard
  readonly #pipelines = new Map<string, PipelineRows>()
  readonly #byId = new Map<string, Row>()
  #expiredAtMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, alarms: AlarmBoard) {
    this.#clock = clock
    this.#alarms = alarms
  }

  addPipeline(name: string, options: BoardOptions): void {
    this.#pipelines.set(name, { options, rows: new Map(), pointsLeftOut: 0 })
  }

  /** Shows points, in their order; those of new series are left out and counted while the pipeline's board is full. */
  publish(pipeline: string, scores: readonly ScoredSeries[]): void {
    const shown = this.#pipelines.get(pipeline)
    if (shown === undefined) return
    const nowMs = this.#clock.nowMs()
    for (const { series, point } of scores) {
      const row = shown.rows.get(series.key) ?? this.#newRow(shown, pipeline, series, point)
      if (row === undefined) {
        shown.pointsLeftOut++
        continue
      }
      if (row.ring.inputs !== point.inputs.length) row.ring = ringOf(shown, point)
      row.ring.push(point)
      row.newest = point
      row.updatedAtMs = nowMs
    }
  }

  /** Undefined when there is no room. */
  #newRow(shown: PipelineRows, pipeline: string, series: Series, newest: ScoredPoint): Row | undefined {
    const { seriesMax } = shown.options
    if (shown.rows.size >= seriesMax) this.#expire()
    if (shown.rows.size >= seriesMax) return undefined
    const id = seriesIdOf(pipeline, series.key)
    const haystack = series.key.toLowerCase()
    const row = { id, pipeline, series, haystack, ring: ringOf(shown, newest), newest, updatedAtMs: 0 }
    shown.rows.set(series.key, row)
    this.#byId.set(id, row)
    return row
  }

  /** The series ended, was evicted, or its partition went to another process. */
  remove(pipeline: string, seriesKey: string): void {
    const row = this.#pipelines.get(pipeline)?.rows.get(seriesKey)
    this.#alarms.remove(seriesIdOf(pipeline, seriesKey))
    if (row !== undefined) this.#drop(row)
  }

  list(query: SeriesQuery): Page<SeriesSummary> {
    this.#expire()
    const words = query.text?.toLowerCase().split(/\s+/) ?? []
    const found: Row[] = []
    for (const row of this.#byId.values()) {
      if (query.pipeline !== undefined && row.pipeline !== query.pipeline) continue
      if (query.gradeMin !== undefined && row.newest.grade < query.gradeMin) continue
      if (words.every((word) => row.haystack.includes(word))) found.push(row)
    }
    found.sort(query.sort === 'grade' ? this.#worstFirst(found) : ORDERS[query.sort])
    const items = found.slice(query.offset, query.offset + query.limit).map((row) => this.#summary(row))
    return { items, total: found.length }
  }

  /** By grade; of equal grades, 0 above all, what is in alarm comes first: a series that fell silent has no other sign. */
  #worstFirst(rows: readonly Row[]): (a: Row, b: Row) => number {
    const inAlarm = (row: Row) => [...this.#alarms.of(row.id).values()].some(({ state }) => state === 'ALARM')
    const alarmed = new Set(rows.filter(inAlarm))
    const rank = (row: Row) => (alarmed.has(row) ? 1 : 0)
    return (a, b) => b.newest.grade - a.newest.grade || rank(b) - rank(a) || byKey(a, b)
  }

  get(id: string): SeriesSummary | undefined {
    this.#expire()
    const row = this.#byId.get(id)
    return row === undefined ? undefined : this.#summary(row)
  }

  points(id: string, range: TimeRange, limit: number): readonly PointView[] | undefined {
    this.#expire()
    return this.#byId.get(id)?.ring.read(range, limit)
  }

  *exposed(): Iterable<ExposedSeries> {
    this.#expire()
    for (const row of this.#byId.values()) {
      const alarms = new Map<string, AlarmState>()
      for (const [name, shown] of this.#alarms.of(row.id)) alarms.set(name, shown.state)
      const { inputs, score, grade, confidence, state, attribution } = row.newest
      const { id, pipeline, series } = row
      yield { id, pipeline, series, inputs, score, grade, confidence, state, attribution, alarms }
    }
  }

  exposureCounts(): ReadonlyMap<string, { readonly shown: number; readonly pointsLeftOut: number }> {
    this.#expire()
    const counts = new Map<string, { shown: number; pointsLeftOut: number }>()
    for (const [name, { rows, pointsLeftOut }] of this.#pipelines) {
      counts.set(name, { shown: rows.size, pointsLeftOut })
    }
    return counts
  }

  #summary(row: Row): SeriesSummary {
    const { id, pipeline, series, newest, ring } = row
    const everything = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }
    const [latest] = ring.read(everything, 1)
    assert(latest !== undefined, `series ${series.key} is shown without a point`)
    const alarms = [...this.#alarms.of(id).values()].map(({ alarm, state, sinceMs }) => ({ alarm, state, sinceMs }))
    const inputs = newest.inputs.map((input) => input.name)
    const { name, labels, key } = series
    return { id, pipeline, key, name, labels, inputs, state: newest.state, latest, alarms }
  }

  #expire(): void {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#expiredAtMs < EXPIRE_EVERY_MS) return
    this.#expiredAtMs = nowMs
    for (const { options, rows } of this.#pipelines.values()) {
      for (const row of rows.values()) if (nowMs - row.updatedAtMs >= options.staleAfterMs) this.#drop(row)
    }
  }

  #drop(row: Row): void {
    this.#pipelines.get(row.pipeline)?.rows.delete(row.series.key)
    this.#byId.delete(row.id)
  }
}

const ringOf = ({ options }: PipelineRows, { inputs }: ScoredPoint) =>
  new PointRing(options.pointsPerSeries, inputs.length)

const byKey = (a: Row, b: Row) => (a.series.key < b.series.key ? -1 : a.series.key > b.series.key ? 1 : 0)

const ORDERS: Readonly<Record<Exclude<SeriesQuery['sort'], 'grade'>, (a: Row, b: Row) => number>> = {
  key: byKey,
  score: (a, b) => b.newest.score - a.newest.score || byKey(a, b),
  updated: (a, b) => b.newest.timestampMs - a.newest.timestampMs || byKey(a, b),
}
