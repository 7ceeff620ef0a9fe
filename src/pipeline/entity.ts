import type { SeriesAlarms } from '../alarm/series-alarms.ts'
import type { Feedback } from '../band/scored-point.ts'
import { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { TidegaugeError } from '../core/errors.ts'
import type { Sample } from '../core/sample.ts'
import { makeSeries, type Series } from '../core/series.ts'
import { type OfferOutcome, SeriesWindow } from '../window/series-window.ts'
import type { PeriodPoint, SeriesDetector } from './detector/contract.ts'
import type { EntityContext } from './entity-context.ts'
import { type OutlookPlan, outlookOf } from './outlook-source.ts'
import { SavedPart } from './saved-part.ts'
import type { JudgedPoint } from './step-output.ts'

const MAGIC = 'TGEN'
const VERSION = 2

interface EntityParts {
  readonly lastActiveMs: number
  readonly windows: readonly SeriesWindow[]
  readonly detector: SeriesDetector
  readonly alarms: SeriesAlarms
  readonly outlooks: OutlookPlan | undefined
}

/**
 * One series, or several metrics joined under one set of labels, with all that is known of it: a window an input, the
 * detector, the alarms.
 */
export class Entity {
  readonly series: Series
  readonly key: string
  lastActiveMs: number
  readonly detector: SeriesDetector
  readonly alarms: SeriesAlarms
  /** What changes with every sample: windows and alarms. Small. */
  readonly seriesPart = new SavedPart()
  /** What changes once a period. Large. */
  readonly detectorPart = new SavedPart()
  readonly #windows: readonly SeriesWindow[]
  readonly #outlooks: OutlookPlan | undefined

  private constructor(series: Series, parts: EntityParts) {
    this.series = series
    this.key = series.key
    this.lastActiveMs = parts.lastActiveMs
    this.#windows = parts.windows
    this.detector = parts.detector
    this.alarms = parts.alarms
    this.#outlooks = parts.outlooks
  }

  static create(context: EntityContext, series: Series): Entity {
    return new Entity(series, {
      lastActiveMs: Number.NEGATIVE_INFINITY,
      windows: context.inputNames.map(() => new SeriesWindow(context.window)),
      detector: context.createDetector(series),
      alarms: context.createAlarms(series),
      outlooks: context.outlooks,
    })
  }

  /** Every input has been silent for so long that the series is to be forgotten. */
  isExpired(watermarkMs: number): boolean {
    for (const window of this.#windows) if (!window.isEmpty && !window.isExpired(watermarkMs)) return false
    return true
  }

  /** Takes a sample, or a stale marker, of one input. */
  offer(input: number, sample: Sample, watermarkMs: number): OfferOutcome {
    this.seriesPart.changing()
    const window = this.#window(input)
    return sample.stale
      ? window.endSeries(sample.timestampMs, watermarkMs)
      : window.offer(sample.timestampMs, sample.value, sample.kind, watermarkMs)
  }

  #window(input: number): SeriesWindow {
    const window = this.#windows[input]
    if (window === undefined) throw new RangeError(`input ${input} of ${this.#windows.length}`)
    return window
  }

  /** Closes the one period [startMs, endMs): the point to score, or undefined before the first sample. */
  closePeriod(startMs: number, endMs: number): PeriodPoint | undefined {
    this.seriesPart.changing()
    const values: number[] = []
    const observed: number[] = []
    let closed = false
    for (const window of this.#windows) {
      let period = window.closeNext(endMs)
      while (period !== undefined && period.startMs !== startMs) period = window.closeNext(endMs)
      if (period !== undefined) closed = true
      values.push(period?.value ?? Number.NaN)
      observed.push(period?.observed ? 1 : 0)
    }
    return closed ? { timestampMs: startMs, values, observed } : undefined
  }

  /** Scores the next period's point, judges it by the alarms, learns it. */
  score(period: PeriodPoint): JudgedPoint {
    this.seriesPart.changing()
    this.detectorPart.changing()
    const point = this.detector.step(period)
    const plan = this.#outlooks
    const outlook = plan && outlookOf(plan, this.key, this.detector, point.timestampMs)
    return { series: this.series, point, events: this.alarms.evaluate(point, outlook) }
  }

  /** A person's verdict on a range of periods. */
  feedback(feedback: Feedback): void {
    this.detectorPart.changing()
    this.detector.feedback(feedback)
  }

  dispose(): void {
    // Whoever waits for the state as it was gets it now, or never.
    this.seriesPart.changing()
    this.detectorPart.changing()
    this.detector.dispose()
  }

  /** Everything but the detector. */
  snapshot(): Uint8Array {
    const writer = new BinaryWriter(MAGIC, VERSION, 4096)
    writer.text(this.series.name)
    writer.text(JSON.stringify(this.series.labels))
    writer.f64(this.lastActiveMs)
    writer.u32(this.#windows.length)
    for (const window of this.#windows) window.save(writer)
    this.alarms.save(writer)
    return writer.finish()
  }

  /**
   * Restores a snapshot under the pipeline's present options. Alarms are found by name: one that is new starts
   * afresh, one that is gone is dropped with its state. Version 1 has the detector within; then none is given.
   */
  static restore(context: EntityContext, bytes: Uint8Array, detector: Uint8Array | undefined, where: string): Entity {
    const reader = new BinaryReader(bytes, MAGIC, VERSION, where)
    const series = makeSeries(reader.text(), JSON.parse(reader.text()) as Record<string, string>)
    const lastActiveMs = reader.f64()
    const windows = Array.from({ length: reader.u32() }, () => SeriesWindow.load(reader, context.window))
    const learned = reader.version === 1 ? reader.nested() : detector
    if (learned === undefined) throw new TidegaugeError('SNAPSHOT_INVALID', 'comes without its detector', { where })
    const alarms = context.createAlarms(series)
    alarms.load(reader, where)
    const restored = context.restoreDetector(series, learned)
    return new Entity(series, { lastActiveMs, windows, detector: restored, alarms, outlooks: context.outlooks })
  }
}
