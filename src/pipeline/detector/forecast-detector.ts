import type { Feedback, ScoredInput, ScoredPoint } from '../../band/scored-point.ts'
import { suppressionOf } from '../../band/suppression.ts'
import { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import { TRAINING_STATES, type TrainingState } from '../../forecast/forecaster.ts'
import type { BandModel, ModelSlot } from './band-model.ts'
import type { OutlookRequest, PeriodPoint, SeriesDetector } from './contract.ts'
import { ForecastInput, type InputBand } from './forecast-input.ts'
import type { DetectorSetup } from './options.ts'

const MAGIC = 'TGFD'
const VERSION = 1
/** A score, in thresholds, from which the forest counts as half convinced: it has noticed something new. */
const NOTICED = 0.795

/** The values of one input as its model looks back on them, oldest first; NaN where none was observed. */
export interface InputHistory {
  readonly input: string
  readonly startMs: number
  readonly values: Float64Array
  readonly categories: readonly number[]
}

/**
 * Puts a DeepAR model's band in the place of the baseline's. Everything else is the inner detector's: its forests, its
 * learning, its verdicts. Without a model in the task's slot, points and snapshots are the inner detector's own.
 *
 * The forecast is a second witness and never a judge alone: it makes a point anomalous only when the inner detector
 * noticed something new there without being sure, the value lies outside the forecast's band, and its tail
 * probability passes the same threshold. It never takes an anomaly back.
 *
 * Feedback goes to the inner detector; the model's state forgets by itself what was withheld from it or lies back.
 */
export class ForecastDetector implements SeriesDetector {
  readonly #inner: SeriesDetector
  readonly #setup: DetectorSetup
  readonly #slot: ModelSlot
  readonly #categories: readonly string[]
  #model: BandModel | undefined
  #inputs: readonly ForecastInput[] = []

  /** `categories`: the values of the series' labels that the options name as categories. */
  constructor(inner: SeriesDetector, setup: DetectorSetup, slot: ModelSlot, categories: readonly string[]) {
    this.#inner = inner
    this.#setup = setup
    this.#slot = slot
    this.#categories = categories
  }

  /** Follows the slot: called before anything else, so that a model is adopted by all series at the same offset. */
  #follow(): void {
    const model = this.#slot.current
    if (model === this.#model) return
    const former = this.#inputs
    this.#model = model
    const categories = model?.categoriesOf(this.#categories)
    if (model === undefined || categories === undefined) {
      this.#inputs = []
      return
    }
    this.#inputs = this.#setup.inputs.map(
      (_, i) => former[i]?.under(model, categories) ?? new ForecastInput(model, this.#setup.band, categories),
    )
  }

  step(point: PeriodPoint): ScoredPoint {
    this.#follow()
    const scored = this.#inner.step(point)
    if (this.#inputs.length === 0) return scored
    const bands = this.#inputs.map((input) => input.predict(point.timestampMs))
    const judged = this.#join(scored, bands)
    const doubtful = this.#setup.forecast.robust && judged.grade > 0
    this.#inputs.forEach((input, i) => {
      const baseline = scored.inputs[i]
      if (baseline !== undefined) input.learn(point.timestampMs, baseline.value, bands[i], baseline, doubtful)
    })
    return judged
  }

  #join(scored: ScoredPoint, bands: readonly (InputBand | undefined)[]): ScoredPoint {
    const known = bands.filter((band) => band !== undefined)
    if (known.length < bands.length) return scored
    const evidence = this.#inputs.map((input, i) => input.tailEvidence(observedValue(scored.inputs[i])))
    const forecastScore = Math.max(...evidence) / this.#setup.threshold
    if (!this.#uses(known.map(({ state }) => state))) return { ...scored, forecastScore }
    const inputs = scored.inputs.map((input, i): ScoredInput => {
      const band = bands[i]
      return band === undefined ? input : { ...input, expected: band.expected, lower: band.lower, upper: band.upper }
    })
    const state = TRAINING_STATES[Math.min(...known.map((band) => TRAINING_STATES.indexOf(band.state)))] ?? scored.state
    const shown: ScoredPoint = { ...scored, inputs, state, model: 'deepar', forecastScore }
    return this.#confirms(shown) ? confirmed(shown, evidence) : shown
  }

  /** auto: a model that won on held-back data, knows a season of the series, and has not been worse on it since. */
  #uses(states: readonly TrainingState[]): boolean {
    const { model } = this.#setup.forecast
    if (model === 'seasonal') return false
    if (model === 'deepar') return true
    const trained = states.every((state) => state === 'TRAINED')
    return trained && this.#model?.wins === true && this.#inputs.every((input) => input.duel.holds)
  }

  #confirms({ inputs, reason, score, forecastScore = 0 }: ScoredPoint): boolean {
    const outside = inputs.some(({ value, lower, upper }) => value < lower || value > upper)
    const noticed = reason === 'normal' && score >= NOTICED && forecastScore >= 1
    return noticed && outside && suppressionOf(inputs, this.#setup) === undefined
  }

  feedback(feedback: Feedback): void {
    this.#inner.feedback(feedback)
  }

  /** The model's where its band is shown, else the inner detector's. */
  outlook(request: OutlookRequest): Float64Array | undefined {
    this.#follow()
    const { input, fromMs, samples, horizon, rng } = request
    const own = this.#uses(this.#inputs.map(({ trainingState }) => trainingState))
      ? this.#inputs[input]?.outlook(fromMs, { samples, horizon }, rng)
      : undefined
    return own ?? this.#inner.outlook(request)
  }

  /** What the model looks back on, one an input that was observed at all; empty without a model that knows the series. */
  histories(): readonly InputHistory[] {
    this.#follow()
    return this.#inputs.flatMap((input, i) => {
      const { startMs, values } = input.history()
      if (!values.some(Number.isFinite)) return []
      return [{ input: this.#setup.inputs[i] ?? '', startMs, values, categories: input.categories }]
    })
  }

  get byteSize(): number {
    return this.#inputs.reduce((sum, input) => sum + input.byteSize, this.#inner.byteSize)
  }

  dispose(): void {
    this.#inner.dispose()
  }

  snapshot(): Uint8Array {
    this.#follow()
    const model = this.#model
    if (model === undefined) return this.#inner.snapshot()
    const inner = this.#inner.snapshot()
    const writer = new BinaryWriter(MAGIC, VERSION, inner.length + this.byteSize - this.#inner.byteSize + 1024)
    writer.u32(model.version)
    writer.bytes(inner)
    writer.u32(this.#inputs.length)
    for (const input of this.#inputs) input.save(writer)
    return writer.finish()
  }

  /**
   * Goes on from a snapshot, bit for bit, with the model that is in the slot. From a snapshot of the inner detector
   * alone, or one made under another model than the slot's (the options no longer allow that one), the inner detector
   * goes on, and the forecast starts anew. Throws SNAPSHOT_INVALID when it is damaged.
   */
  static restore(
    bytes: Uint8Array,
    setup: DetectorSetup,
    slot: ModelSlot,
    parts: { readonly inner: (bytes: Uint8Array) => SeriesDetector; readonly categories: readonly string[] },
  ): ForecastDetector {
    if (!isForecastSnapshot(bytes)) return new ForecastDetector(parts.inner(bytes), setup, slot, parts.categories)
    const reader = new BinaryReader(bytes, MAGIC, VERSION, 'detector snapshot')
    const version = reader.u32()
    const detector = new ForecastDetector(parts.inner(reader.nested()), setup, slot, parts.categories)
    const model = slot.current
    if (model?.version !== version) return detector
    detector.#model = model
    detector.#inputs = Array.from({ length: reader.u32() }, () => ForecastInput.load(reader, model, setup.band))
    return detector
  }
}

function observedValue(input: ScoredInput | undefined): number {
  return input?.observed === true ? input.value : Number.NaN
}

/** The grade of a point that both witnesses have seen: by the forecast's evidence, on the inner detector's own scale. */
function confirmed(point: ScoredPoint, evidence: readonly number[]): ScoredPoint {
  const score = point.forecastScore ?? 1
  const total = evidence.reduce((sum, each) => sum + each, 0)
  const attribution = point.inputs.map((input, i) => ({
    input: input.name,
    lag: 0,
    direction: input.value >= input.expected ? ('above' as const) : ('below' as const),
    share: (evidence[i] ?? 0) / total,
  }))
  return {
    ...point,
    score: Math.max(point.score, 1),
    grade: 1 - 0.5 / score ** 2,
    reason: 'anomalous_value',
    attribution,
  }
}

/** True for a snapshot that holds a forecast beside the inner detector's. */
export function isForecastSnapshot(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 4)) === MAGIC
}

/** The inner detector's part of a snapshot, whether or not there is more in it. */
export function innerSnapshot(bytes: Uint8Array): Uint8Array {
  if (!isForecastSnapshot(bytes)) return bytes
  const reader = new BinaryReader(bytes, MAGIC, VERSION, 'detector snapshot')
  reader.u32()
  return reader.nested()
}
