import type { SeriesAlarms } from '../alarm/series-alarms.ts'
import type { Feedback } from '../band/scored-point.ts'
import { BinaryReader, BinaryWriter } from '../core/binary.ts'
import type { Sample } from '../core/sample.ts'
import type { Series } from '../core/series.ts'
import { createDecoder } from '../decode/create-decoder.ts'
import type { Decoder } from '../decode/decoder.ts'
import { periodStart } from '../window/options.ts'
import { MAX_JUMP_MS_DEFAULT, Watermark } from '../window/watermark.ts'
import { ClosedPoints } from './closed-points.ts'
import { type BandModel, type ModelRelease, prepareModel, type RefusedModel } from './detector/band-model.ts'
import { ForecastDetector, type InputHistory } from './detector/forecast-detector.ts'
import { Entity } from './entity.ts'
import { createEntityContext, type EntityContext } from './entity-context.ts'
import { EntityTable } from './entity-table.ts'
import { identityOf } from './identity.ts'
import type { PipelineOptions } from './options.ts'
import { PlacementWitness } from './placement.ts'
import { type PartHome, SavedPart, type SnapshotPart } from './saved-part.ts'
import { Selection } from './selection.ts'
import { type SampleOutcome, StepOutput } from './step-output.ts'
import { type CutSource, TaskCut } from './task-cut.ts'
import { type HeadSeries, TaskRestorer } from './task-restorer.ts'

const MAGIC = 'TGPT'
const VERSION = 3
const MODEL = { magic: 'TGPM', version: 1 }

/** Series scored side by side when a model's kernel moves them together: it takes four at a time. */
const MODEL_ROWS = 4

/** Periods of silence after which a full table may let an entity go for a newcomer. */
const IDLE_PERIODS = 3

/** Periods of event time that one sample may move the watermark by without being confirmed by others. */
const JUMP_PERIODS = 24

/** One record of the partition, as the runtime hands it over. */
export interface TaskRecord {
  readonly offset: bigint
  readonly timestampMs: number
  /** Changes no result: it is watched whether it keeps its series to one partition. */
  readonly key?: Uint8Array | null
  readonly value: Uint8Array | null
}

/** The values of one input of one series as the model in use looks back on them. */
export interface TaskHistory extends InputHistory {
  readonly series: Series
}

/**
 * The pure state machine of one partition of one pipeline (after Kafka Streams' task): synchronous, deterministic,
 * without IO, clock or randomness of its own. Records go in, in offset order; scored points, alarm transitions and
 * dead letters come out. The output depends on the records alone, not on how they were cut into steps, nor on
 * snapshots and restores between.
 *
 * Event time moves by the records: when the watermark (the newest sample's time less the allowed lateness) passes the
 * end of a period, that period closes for every entity of the partition, so a silent series is seen as missing.
 */
export class PartitionTask {
  readonly #options: PipelineOptions
  readonly #context: EntityContext
  readonly #decoder: Decoder
  readonly #selection: Selection
  readonly #table: EntityTable<Entity>
  readonly #watermark: Watermark
  readonly #inputOf: ReadonlyMap<string, number> | undefined
  readonly #modelPart = new SavedPart()
  /** Every period that ends at or before this is closed. */
  #closedThroughMs = Number.NEGATIVE_INFINITY
  readonly #closed = new ClosedPoints()
  readonly #placement = new PlacementWitness()
  /** Number of the interval in which forecasts were asked for last. Not state: a restart may ask once more. */
  #forecastRound = Number.NaN
  #out = new StepOutput()

  constructor(options: PipelineOptions) {
    this.#options = options
    this.#context = createEntityContext(options)
    this.#decoder = createDecoder(options.decode)
    this.#selection = new Selection(options.select)
    this.#watermark = new Watermark({
      latenessMs: options.window.latenessMs,
      periodMs: options.window.periodMs,
      maxJumpMs: Math.max(MAX_JUMP_MS_DEFAULT, JUMP_PERIODS * options.window.periodMs),
    })
    this.#inputOf = options.join && new Map(options.join.metrics.map((metric, i) => [metric, i]))
    this.#table = new EntityTable<Entity>({
      limit: options.series.limit,
      onLimit: options.series.onLimit,
      idleMs: IDLE_PERIODS * options.window.periodMs,
      onEvict: (entity) => {
        // What is let go is scored first: its last points are results like any other.
        this.#score(this.#out)
        this.#out.removed.push(entity.key)
        this.#placement.forget(entity.key)
        entity.dispose()
      },
    })
  }

  get entityCount(): number {
    return this.#table.size
  }

  /** Event time up to which everything is closed, ms; -Infinity before the first sample. */
  get closedThroughMs(): number {
    return this.#closedThroughMs
  }

  /** The newest event time that was believed, ms; -Infinity before the first sample. */
  get newestMs(): number {
    return this.#watermark.newestMs
  }

  /** Whether anything would close, were event time moved there by the clock. */
  wouldClose(eventTimeMs: number): boolean {
    const { latenessMs, periodMs } = this.#context.window
    const isBegun = this.#closedThroughMs !== Number.NEGATIVE_INFINITY
    return isBegun && periodStart(eventTimeMs - latenessMs, periodMs) > this.#closedThroughMs
  }

  /** Bytes that the entities' models hold, about. */
  get byteSize(): number {
    let bytes = 0
    for (const entity of this.#table.values()) bytes += entity.detector.byteSize
    return bytes
  }

  /** The state of every alarm of every series, as after a restore, when no transition tells of it. */
  *alarmStates(): Generator<{ readonly series: Series; readonly alarms: SeriesAlarms }> {
    for (const { series, alarms } of this.#table.values()) yield { series, alarms }
  }

  /** Takes the records in and adds what they cause to `out`. */
  step(records: Iterable<TaskRecord>, out: StepOutput): void {
    this.#out = out
    for (const record of records) this.#record(record)
    this.#score(out)
  }

  #score(out: StepOutput): void {
    this.#closed.scoreInto(out, this.#context.models.current === undefined ? 1 : MODEL_ROWS)
  }

  /** False when the options leave a model no use: then none is ever adopted. */
  get takesModels(): boolean {
    const { detector } = this.#options
    return detector !== undefined && detector.forecast.model !== 'seasonal'
  }

  /** The DeepAR model that bands come from; undefined without one. */
  get model(): BandModel | undefined {
    return this.#context.models.current
  }

  /**
   * From the next record on, bands come from this model; undefined: from the baselines again. An input like any other:
   * what follows depends on where between the records it came. A model that does not fit is refused, and the one in
   * use stays.
   */
  adopt(release: ModelRelease | undefined): RefusedModel | undefined {
    const { models, window } = this.#context
    const { forecast } = this.#options.detector ?? {}
    if (forecast === undefined || !this.takesModels) return undefined
    if (release === undefined) {
      this.#modelPart.changing()
      models.current = undefined
      return undefined
    }
    const needs = { periodMs: window.periodMs, categories: forecast.categories.length }
    const prepared = prepareModel(release, needs)
    if (!prepared.ok) return prepared.error
    this.#modelPart.changing()
    models.current = prepared.value
    return undefined
  }

  /** What the model looks back on, of every input of every series that it knows enough of. */
  *histories(): Generator<TaskHistory> {
    for (const { series, detector } of this.#table.values()) {
      if (detector instanceof ForecastDetector) {
        for (const input of detector.histories()) yield { series, ...input }
      }
    }
  }

  /** Moves event time without a record, as after a time of silence; an input like any other, to be replayed as one. */
  tick(eventTimeMs: number, out: StepOutput): void {
    this.#out = out
    this.#watermark.advance(eventTimeMs)
    this.#close()
    this.#score(out)
  }

  /** A person's verdict on a range of a series; false when the series is not known here. */
  feedback(seriesKey: string, feedback: Feedback): boolean {
    const entity = this.#table.get(seriesKey)
    entity?.feedback(feedback)
    return entity !== undefined
  }

  #record(record: TaskRecord): void {
    this.#out.records++
    const decoded = this.#decoder.decode({ value: record.value, recordTimestampMs: record.timestampMs })
    for (const rejection of decoded.rejections) {
      this.#out.deadLetters.push({ ...rejection, offset: record.offset, value: record.value })
    }
    this.#placement.record(record.key ?? null)
    for (const sample of decoded.samples) this.#out.samples[this.#sample(sample)]++
  }

  #sample(sample: Sample): SampleOutcome {
    const series = this.#selection.admit(sample.series)
    if (series === null) return 'unselected'
    const input = this.#inputOf === undefined ? 0 : this.#inputOf.get(series.name)
    if (input === undefined) return 'unselected'
    const { periodMs } = this.#context.window
    const startMs = periodStart(sample.timestampMs, periodMs)
    // What the sample closes is closed before it is taken in: it belongs to a later period, or is late.
    this.#watermark.observe(sample.timestampMs)
    this.#close()
    // Before an entity is made of it: a late sample must not bring an expired series back.
    if (startMs + periodMs <= this.#watermark.ms) return 'late'
    const identity = identityOf(series, this.#options.join)
    this.#placement.sample(identity.key, this.#out.placement)
    if (this.#inputOf !== undefined)
      this.#placement.joined(identity.key, input, series.key, startMs, this.#out.placement)
    let entity = this.#entityOf(identity)
    let outcome: SampleOutcome = entity?.offer(input, sample, this.#watermark.ms) ?? 'series_refused'
    if (entity !== undefined && outcome === 'expired') {
      this.#expire(entity)
      entity = this.#entityOf(identity)
      outcome = entity?.offer(input, sample, this.#watermark.ms) ?? 'series_refused'
    }
    if (entity !== undefined && (outcome === 'accepted' || outcome === 'replaced')) this.#table.touch(entity, startMs)
    return outcome
  }

  #entityOf(identity: Series): Entity | undefined {
    const known = this.#table.get(identity.key)
    if (known !== undefined) return known
    const admission = this.#table.admit(this.#closedThroughMs)
    if (admission === 'refused') {
      this.#out.series.refused++
      return undefined
    }
    if (admission === 'evicted_other') this.#out.series.evicted++
    this.#out.series.created++
    const entity = Entity.create(this.#context, identity)
    this.#table.add(entity)
    return entity
  }

  #expire(entity: Entity): void {
    this.#out.series.expired++
    this.#table.remove(entity)
  }

  #close(): void {
    const { periodMs } = this.#context.window
    const target = periodStart(this.#watermark.ms, periodMs)
    if (this.#closedThroughMs === Number.NEGATIVE_INFINITY) this.#closedThroughMs = target
    // Period by period over all entities, so that one long step closes in the same order as many short ones.
    while (this.#closedThroughMs < target) this.#closePeriod(this.#closedThroughMs + periodMs)
    const every = this.#options.forecastEveryMs
    if (every === undefined || Math.floor(target / every) === this.#forecastRound) return
    this.#forecastRound = Math.floor(target / every)
    this.#out.forecastDue = true
  }

  #closePeriod(endMs: number): void {
    const startMs = endMs - this.#context.window.periodMs
    this.#closedThroughMs = endMs
    const expired: Entity[] = []
    for (const entity of this.#table.values()) {
      const point = entity.closePeriod(startMs, endMs)
      if (point !== undefined) this.#closed.add(entity, point)
      if (entity.isExpired(endMs)) expired.push(entity)
    }
    for (const entity of expired) this.#expire(entity)
  }

  /** The whole state in pieces, in the order in which they are restored. */
  *snapshot(): Generator<SnapshotPart> {
    yield this.#head()
    for (const { kind, name, snapshot } of this.#sources()) yield { kind, name, bytes: snapshot() }
  }

  /**
   * The state at this instant, less what did not change since it was written, to be taken away while the task goes on.
   * The parts in a home of which so little is left that `isStale` says so are written anew. One cut at a time.
   */
  cut(isStale: (home: PartHome, liveBytes: number) => boolean): TaskCut {
    const live = new Map<PartHome, number>()
    for (const { part } of this.#sources()) {
      if (part.home !== undefined) live.set(part.home, (live.get(part.home) ?? 0) + part.bytes)
    }
    const stale = new Set([...live].filter(([home, bytes]) => isStale(home, bytes)).map(([home]) => home))
    return new TaskCut(this.#head(), this.#sources(), (home) => stale.has(home))
  }

  /** What was written to these homes does not count: it is written again with the next cut. */
  forgetHomes(isLost: (home: PartHome) => boolean): void {
    for (const { part } of this.#sources()) if (part.home !== undefined && isLost(part.home)) part.forget()
  }

  #head(): SnapshotPart {
    const writer = new BinaryWriter(MAGIC, VERSION, 128 * (1 + this.#table.size))
    writer.f64(this.#closedThroughMs)
    this.#watermark.save(writer)
    writer.u32(this.#table.size)
    for (const { key } of this.#table.values()) writer.text(key)
    return { kind: 'head', name: '', bytes: writer.finish() }
  }

  /** The model, then all series, then all detectors: a detector needs its model, and its series is small. */
  *#sources(): Generator<CutSource> {
    const model = this.#context.models.current
    if (model !== undefined) {
      const snapshot = () => modelBytes(model)
      yield { kind: 'model', name: '', part: this.#modelPart, snapshot }
    }
    for (const entity of this.#table.values()) {
      yield { kind: 'series', name: entity.key, part: entity.seriesPart, snapshot: () => entity.snapshot() }
    }
    for (const entity of this.#table.values()) {
      const { key: name, detectorPart: part, detector } = entity
      yield { kind: 'detector', name, part, snapshot: () => detector.snapshot() }
    }
  }

  /** A task in the state of a snapshot. Throws SNAPSHOT_INVALID or SNAPSHOT_VERSION, naming the piece. */
  static restore(options: PipelineOptions, parts: Iterable<SnapshotPart>, where: string): PartitionTask {
    const restorer = PartitionTask.restorer(options, where)
    for (const part of parts) restorer.add(part)
    return restorer.finish()
  }

  /** Takes the parts of a snapshot one by one and makes a task of them. `where` names them in errors. */
  static restorer(options: PipelineOptions, where: string): TaskRestorer<PartitionTask> {
    const task = new PartitionTask(options)
    return new TaskRestorer(where, {
      context: task.#context,
      head: (bytes, place) => task.#restoreHead(bytes, place),
      model: (bytes, place) => {
        const reader = new BinaryReader(bytes, MODEL.magic, MODEL.version, place)
        // One that the options no longer allow is let go: the baselines' bands go on until another is adopted.
        task.adopt({ version: reader.u32(), bytes: reader.bytes() })
        return task.#modelPart
      },
      finish: (entities) => {
        for (const entity of entities) task.#table.add(entity)
        return task
      },
    })
  }

  #restoreHead(bytes: Uint8Array, where: string): HeadSeries {
    const reader = new BinaryReader(bytes, MAGIC, VERSION, where)
    this.#closedThroughMs = reader.f64()
    this.#watermark.load(reader)
    const count = reader.u32()
    if (reader.version > 2) return { keys: Array.from({ length: count }, () => reader.text()) }
    // Version 1 knew no models; version 2 had the model in the head.
    if (reader.version > 1 && reader.bool()) this.adopt({ version: reader.u32(), bytes: reader.bytes() })
    return { count }
  }

  /** Lets go of all entities; their keys are added to what `out` says was removed. */
  dispose(out = new StepOutput()): void {
    this.#out = out
    this.#table.clear()
  }
}

function modelBytes({ version, bytes }: BandModel): Uint8Array {
  const writer = new BinaryWriter(MODEL.magic, MODEL.version, bytes.length + 64)
  writer.u32(version)
  writer.bytes(bytes)
  return writer.finish()
}
