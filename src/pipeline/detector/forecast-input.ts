import { type Band, type BandOptions, bandOf } from '../../band/band.ts'
import type { ScoredInput } from '../../band/scored-point.ts'
import type { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import type { Rng } from '../../core/rng.ts'
import { erfc } from '../../core/special-functions.ts'
import { AdaptiveWidth } from '../../forecast/conformal.ts'
import type { PathSize } from '../../forecast/deepar/paths.ts'
import { PredictiveDistribution } from '../../forecast/deepar/predictive-distribution.ts'
import { StreamState } from '../../forecast/deepar/stream-state.ts'
import type { Prediction, TrainingState } from '../../forecast/forecaster.ts'
import { sortedQuantile } from '../../forecast/quantiles.ts'
import { BandDuel } from './band-duel.ts'
import type { BandModel } from './band-model.ts'

/** A value's tail probability is not believed to be smaller: beyond, doubles of it say nothing. */
const TAIL_MIN = 1e-12
/** Values in a row that are kept from the state at most, so that it never goes blind for good. */
const WITHHELD_MAX = 24

/** The share of a normal within so many deviations: what a band of that width promises. */
export function coverageOf({ deviations }: Pick<BandOptions, 'deviations'>): number {
  return 1 - erfc(deviations / Math.SQRT2)
}

/** What the model says of one input's period before its value is looked at. */
export interface InputBand extends Band {
  /** The same band before it was drawn in to the possible values; its deviation is the calibrated one. */
  readonly prediction: Prediction
  readonly state: TrainingState
}

/**
 * The forecast of one input of one series: the model's state, the distribution of the next period, the calibration of
 * the band's width, and how it fares beside the seasonal baseline.
 */
export class ForecastInput {
  readonly #model: BandModel
  readonly #band: BandOptions
  readonly #width: AdaptiveWidth
  readonly duel = new BandDuel()
  #state: StreamState
  #next: PredictiveDistribution | undefined
  #waits = false
  #withheld = 0

  constructor(model: BandModel, band: BandOptions, categories: readonly number[], state?: StreamState) {
    this.#model = model
    this.#band = band
    this.#width = new AdaptiveWidth(coverageOf(band))
    this.#state = state ?? model.predictor.newState(categories)
  }

  /** The same input under another model: it looks back on the values that this one has kept, and starts there. */
  under(model: BandModel, categories: readonly number[]): ForecastInput {
    this.#settle()
    const next = new ForecastInput(model, this.#band, categories)
    const { values, observed } = this.#state.history()
    const seen = values.map((value, i) => (observed[i] === 1 ? value : Number.NaN))
    const startMs = this.#state.newestMs - (values.length - 1) * model.predictor.periodMs
    if (values.length > 0) model.predictor.recall(next.#state, startMs, seen)
    return next
  }

  #settle(): void {
    if (this.#waits) this.#model.flush()
  }

  /** The band of the period that starts at `timestampMs`; undefined where the model knows too little to give one. */
  predict(timestampMs: number): InputBand | undefined {
    this.#settle()
    this.#catchUp(timestampMs)
    const { predictor } = this.#model
    if (this.#next === undefined || timestampMs !== this.#state.newestMs + predictor.periodMs) return undefined
    const state = predictor.trainingState(this.#state)
    const own = this.#next.prediction(state)
    const prediction = { ...own, deviation: own.deviation * this.#width.factor }
    if (!Number.isFinite(prediction.expected) || !Number.isFinite(prediction.deviation)) return undefined
    return { ...bandOf(prediction, this.#band), prediction, state }
  }

  /** Periods that were never handed over pass as missing; after too many of them the series is a new one. */
  #catchUp(timestampMs: number): void {
    const { predictor } = this.#model
    const behind = Math.round((timestampMs - this.#state.newestMs) / predictor.periodMs)
    if (!(behind > 1)) return
    if (behind > this.#state.capacity) {
      this.#state = predictor.newState(this.#state.categories)
      this.#next = undefined
      return
    }
    for (let i = 1; i < behind; i++) {
      const missingMs = this.#state.newestMs + predictor.periodMs
      const value = this.#next?.mean ?? Number.NaN
      const [next] = predictor.advance([{ state: this.#state, timestampMs: missingMs, value, observed: false }])
      this.#next = next
    }
  }

  /** -log10 of the probability of a value as far out, the distribution made as wide as its band. */
  tailEvidence(value: number): number {
    if (this.#next === undefined || !Number.isFinite(value)) return 0
    const { mean } = this.#next
    const tail = this.#next.tailProbability(mean + (value - mean) / this.#width.factor)
    return -Math.log10(Math.max(TAIL_MIN, tail))
  }

  /**
   * Takes the period in. `doubtful`: the value is not to be learned from; what was expected stands in for it in the
   * model's state, and the band's width does not follow it.
   */
  learn(
    timestampMs: number,
    value: number,
    band: InputBand | undefined,
    baseline: ScoredInput,
    doubtful: boolean,
  ): void {
    if (timestampMs <= this.#state.newestMs) return
    const seen = baseline.observed && Number.isFinite(value)
    if (seen && band !== undefined && !doubtful) {
      this.#width.observe(value >= band.lower && value <= band.upper)
      this.duel.observe(value, band.prediction, baseline, this.#band.deviations)
    }
    const withheld = seen && doubtful && band !== undefined && this.#withheld < WITHHELD_MAX
    this.#withheld = withheld ? this.#withheld + 1 : 0
    const observed = seen && !withheld
    const standIn = band?.prediction.expected ?? Number.NaN
    this.#waits = true
    const point = { state: this.#state, timestampMs, value: observed ? value : standIn, observed }
    this.#model.enqueue(point, (next) => {
      this.#next = next
      this.#waits = false
    })
  }

  /** How much the model has seen of this input. */
  get trainingState(): TrainingState {
    return this.#model.predictor.trainingState(this.#state)
  }

  /** Sample paths from `fromMs` on, as wide as the band; undefined where the model does not stand right before it. */
  outlook(fromMs: number, size: PathSize, rng: Rng): Float64Array | undefined {
    this.#settle()
    const { predictor } = this.#model
    if (this.#next === undefined || fromMs !== this.#state.newestMs + predictor.periodMs) return undefined
    const paths = predictor.paths(this.#state, this.#next, size, rng)
    if (!paths.every(Number.isFinite)) return undefined
    const { factor } = this.#width
    for (let h = 0; h < size.horizon; h++) {
      const step = paths.subarray(h * size.samples, (h + 1) * size.samples)
      const middle = sortedQuantile(step.slice().sort(), 0.5)
      for (let s = 0; s < step.length; s++) step[s] = middle + factor * ((step[s] ?? middle) - middle)
    }
    return paths
  }

  /** The values that the model looks back on, oldest first; NaN where none was observed. */
  history(): { readonly startMs: number; readonly values: Float64Array } {
    this.#settle()
    const { values, observed } = this.#state.history()
    return {
      startMs: this.#state.newestMs - (values.length - 1) * this.#model.predictor.periodMs,
      values: values.map((value, i) => (observed[i] === 1 ? value : Number.NaN)),
    }
  }

  get categories(): readonly number[] {
    return this.#state.categories
  }

  get byteSize(): number {
    return this.#state.byteSize + 256
  }

  save(writer: BinaryWriter): void {
    this.#settle()
    writer.bytes(this.#state.save())
    writer.array(this.#next?.raw ?? new Float64Array(0))
    for (const number of this.#width.save()) writer.f64(number)
    writer.f64(this.#withheld)
    this.duel.save(writer)
  }

  static load(reader: BinaryReader, model: BandModel, band: BandOptions): ForecastInput {
    const state = StreamState.restore(reader.nested(), 'detector snapshot: forecast state')
    const input = new ForecastInput(model, band, state.categories, state)
    const raw = reader.f64Array()
    if (raw.length > 0) input.#next = new PredictiveDistribution(model.model.config.likelihood, raw, state)
    input.#width.load([reader.f64(), reader.f64(), reader.f64()])
    input.#withheld = reader.f64()
    input.duel.load(reader)
    return input
  }
}
