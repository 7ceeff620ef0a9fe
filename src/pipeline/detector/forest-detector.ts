import { bandOf, isImpossible } from '../../band/band.ts'
import type { Feedback, ScoredInput, ScoredPoint } from '../../band/scored-point.ts'
import { suppressionOf } from '../../band/suppression.ts'
import { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import { TidegaugeError } from '../../core/errors.ts'
import type { TimeRange } from '../../core/sample.ts'
import { TRAINING_STATES, type TrainingState } from '../../forecast/forecaster.ts'
import { attributionOf } from './attribution.ts'
import { baselinePaths } from './baseline-paths.ts'
import type { OutlookRequest, PeriodPoint, SeriesDetector } from './contract.ts'
import { History, type LearnedPeriod } from './history.ts'
import type { DetectorSetup } from './options.ts'
import { SeriesStatistics } from './series-statistics.ts'
import { ForestViews } from './views.ts'

const MAGIC = 'TGDT'
const VERSION = 2
/** Periods over which feedback can unlearn statistics. */
const HISTORY_PERIODS = 1_024
/** Values beyond this are taken as this, so that no square overflows. */
const VALUE_LIMIT = 1e100
/** Ranges of feedback that reach into the future; older ones give way. */
const MAX_OPEN_RANGES = 10
/** Values after which confidence is 63 %. */
const CONFIDENCE_VALUES = 200
/** Periods from which it is measured how long a residual lasts. */
const OUTLOOK_PERIODS = 128
/** Periods after a forgotten range whose smoothed values still carry it. */
const SPILL_PERIODS = 30

function emptyHistory(setup: DetectorSetup): History {
  return new History(HISTORY_PERIODS / 2, setup.inputs.length, () => new SeriesStatistics(setup).snapshot())
}

/**
 * The detector of one series: a seasonal baseline an input, two forests over views of the values, the evidence of
 * all of them, and the gate that makes events of it. See src/band/evidence.ts for what is weighed.
 */
export class ForestDetector implements SeriesDetector {
  readonly #setup: DetectorSetup
  readonly #views: ForestViews
  readonly #statistics: SeriesStatistics
  readonly #history: History
  #open: readonly TimeRange[] = []

  private constructor(setup: DetectorSetup, views: ForestViews, history?: History) {
    this.#setup = setup
    this.#views = views
    this.#statistics = new SeriesStatistics(setup)
    this.#history = history ?? emptyHistory(setup)
  }

  /** `seed` is a 32-bit whole number. */
  static create(setup: DetectorSetup, seed: number): ForestDetector {
    return new ForestDetector(setup, ForestViews.create(setup, setup.inputs.length, seed))
  }

  step(point: PeriodPoint): ScoredPoint {
    const { timestampMs } = point
    const values = Float64Array.from(point.values, (value) => Math.max(-VALUE_LIMIT, Math.min(VALUE_LIMIT, value)))
    const states: TrainingState[] = []
    const inputs = this.#setup.inputs.map((name, i): ScoredInput => {
      const prediction = this.#statistics.predict(i, timestampMs)
      states.push(prediction.state)
      const value = point.values[i] ?? Number.NaN
      return { name, value, observed: point.observed[i] === 1, ...bandOf(prediction, this.#setup.band) }
    })
    const state =
      TRAINING_STATES[Math.min(...states.map((each) => TRAINING_STATES.indexOf(each)))] ?? 'PENDING_TRAINING'
    const confidence = 1 - Math.exp(-this.#statistics.learned / CONFIDENCE_VALUES)
    const rest = { timestampMs, inputs, confidence, state, model: 'seasonal-baseline' } as const
    if (inputs.every(({ value }) => !Number.isFinite(value))) {
      return { ...rest, score: 0, grade: 0, reason: 'missing', attribution: [] }
    }
    return { ...rest, ...this.#judge(timestampMs, values, inputs) }
  }

  #judge(
    timestampMs: number,
    values: Float64Array,
    inputs: readonly ScoredInput[],
  ): Pick<ScoredPoint, 'score' | 'grade' | 'reason' | 'attribution'> {
    const open = this.#open.find((range) => timestampMs >= range.startMs && timestampMs < range.endMs)
    this.#open = this.#open.filter((range) => timestampMs < range.endMs)
    if (open !== undefined) {
      return { score: this.#glance(timestampMs, values), grade: 0, reason: 'suppressed_feedback', attribution: [] }
    }
    const measured = this.#statistics.measure(timestampMs, values)
    const forestPeriod = this.#views.periods
    const scores = measured.view && this.#views.score(measured.view)
    const weighed = this.#statistics.weigh(measured, scores)
    const { threshold } = this.#setup
    const impossible = inputs.some(({ value }) => isImpossible(value, this.#setup.band.dataRange))
    const evidence = impossible
      ? ({ ...weighed, amount: Math.max(weighed.amount, 2 * threshold), kind: 'anomalous_range' } as const)
      : weighed
    const suppressed = impossible ? undefined : suppressionOf(inputs, this.#setup)
    const verdict = this.#statistics.judge(evidence, suppressed === undefined)
    const learned = { timestampMs, values, scores, forestPeriod }
    const judged = { evidence: evidence.amount, allowed: suppressed === undefined }
    this.#history.append({ ...learned, ...judged }, () => this.#statistics.snapshot())
    const letPass = evidence.amount >= threshold && verdict.reason !== 'learning' ? suppressed : undefined
    const attribution = verdict.grade > 0 ? attributionOf(this.#setup.inputs, measured, this.#views) : []
    if (measured.view !== undefined) this.#views.learn(measured.view)
    return { ...verdict, reason: letPass ?? verdict.reason, attribution }
  }

  /** The score that a period would have, learning nothing of it. */
  #glance(timestampMs: number, values: Float64Array): number {
    const before = this.#statistics.snapshot()
    const measured = this.#statistics.measure(timestampMs, values)
    const scores = measured.view === undefined ? undefined : this.#views.score(measured.view)
    const verdict = this.#statistics.judge(this.#statistics.weigh(measured, scores), true)
    this.#statistics.restore(before)
    return verdict.score
  }

  /**
   * incident and expected: what was learned in the range is unlearned, from every tree and from the statistics, and
   * what is still to come of it is not learned; an expected range raises no anomaly. newNormal: the range becomes what
   * is normal, at once. notAnomaly: as much evidence as the range had is not anomalous for this series for a while.
   * Statistics reach back over the last HISTORY_PERIODS periods, the trees over all that they hold.
   */
  feedback(feedback: Feedback): void {
    const { range, label } = feedback
    const numbers = this.#history.forestPeriods(range, this.#setup.periodMs)
    if (label === 'incident' || label === 'expected') {
      if (numbers !== undefined) this.#unlearn(range, numbers)
      this.#open = [...this.#open, range].slice(-MAX_OPEN_RANGES)
      return
    }
    if (numbers === undefined) return
    const periods = this.#history.within(range)
    if (label === 'newNormal') {
      this.#views.adopt(numbers.from, numbers.to)
      this.#statistics.relevel(periods)
    } else {
      this.#statistics.gate.tolerate(Math.max(0, ...periods.map((period) => period.evidence)))
    }
    this.#history.restart(this.#statistics.snapshot())
  }

  /** The statistics are learned again without the range; the trees let go of it and of what its smoothed values hold. */
  #unlearn(range: TimeRange, numbers: { readonly from: number; readonly to: number }): void {
    this.#views.forget(numbers.from, Math.min(this.#views.periods, numbers.to + SPILL_PERIODS))
    this.#statistics.restore(this.#history.base)
    const learn = (period: LearnedPeriod): number => {
      const measured = this.#statistics.measure(period.timestampMs, period.values)
      const evidence = this.#statistics.weigh(measured, period.scores)
      this.#statistics.judge(evidence, period.allowed)
      return evidence.amount
    }
    this.#history.without(range, learn, () => this.#statistics.snapshot())
  }

  outlook(request: OutlookRequest): Float64Array | undefined {
    const { input } = request
    const from = Math.max(0, this.#history.count - OUTLOOK_PERIODS)
    const recent = Array.from({ length: this.#history.count - from }, (_, i) => {
      const { timestampMs, values } = this.#history.period(from + i)
      return { timestampMs, value: values[input] ?? Number.NaN }
    })
    const predict = (timestampMs: number) => this.#statistics.predict(input, timestampMs)
    return baselinePaths(predict, recent, { ...request, periodMs: this.#setup.periodMs })
  }

  get byteSize(): number {
    return this.#views.byteSize + this.#statistics.byteSize + this.#history.byteSize
  }

  dispose(): void {
    this.#views.dispose()
  }

  snapshot(): Uint8Array {
    const writer = new BinaryWriter(MAGIC, VERSION, this.byteSize)
    writer.u32(this.#setup.inputs.length)
    writer.f64(this.#setup.periodMs)
    writer.u32(HISTORY_PERIODS)
    writer.u32(this.#open.length)
    for (const { startMs, endMs } of this.#open) {
      writer.f64(startMs)
      writer.f64(endMs)
    }
    writer.bytes(this.#statistics.snapshot())
    this.#history.save(writer)
    this.#views.save(writer)
    return writer.finish()
  }

  /**
   * Goes on from a snapshot, bit for bit. Throws SNAPSHOT_INVALID when it is damaged or was made for other inputs,
   * another period or another history; trees, samples and decay stay as they were when the series was new.
   */
  static restore(setup: DetectorSetup, bytes: Uint8Array): ForestDetector {
    const reader = new BinaryReader(bytes, MAGIC, VERSION, 'detector snapshot')
    const made = { inputs: reader.u32(), periodMs: reader.f64(), history: reader.u32() }
    const wanted = { inputs: setup.inputs.length, periodMs: setup.periodMs, history: HISTORY_PERIODS }
    if (made.inputs !== wanted.inputs || made.periodMs !== wanted.periodMs || made.history !== wanted.history) {
      const message = `was made for ${JSON.stringify(made)}, not for ${JSON.stringify(wanted)}`
      const hint = 'start the series anew: delete its state, or rename the pipeline'
      throw new TidegaugeError('SNAPSHOT_INVALID', message, { where: 'detector snapshot', hint })
    }
    const open = Array.from({ length: reader.u32() }, () => ({ startMs: reader.f64(), endMs: reader.f64() }))
    const statistics = reader.nested()
    const history = emptyHistory(setup)
    history.load(reader)
    const detector = new ForestDetector(setup, ForestViews.load(reader), history)
    detector.#open = open
    detector.#statistics.restore(statistics)
    return detector
  }
}
