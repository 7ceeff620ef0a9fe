import { AlertGate, type Verdict } from '../../band/alert-gate.ts'
import { type ForestScores, SeriesEvidence, type WeighedPoint } from '../../band/evidence.ts'
import { EVIDENCE } from '../../band/judge-options.ts'
import { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import { type BaselineResidual, SeasonalBaseline } from '../../forecast/baseline/seasonal-baseline.ts'
import type { Prediction } from '../../forecast/forecaster.ts'
import { Dynamics } from './dynamics.ts'
import { InputScale } from './input-scale.ts'
import type { DetectorSetup } from './options.ts'
import type { ViewPoint } from './views.ts'

const DAY_MS = 86_400_000
const MAGIC = 'TGST'
const VERSION = 2
/** Before it, no tails of sizes were learned. */
const TAILS_SINCE = 2

/** Periods before anything is called anomalous: a day where it is that short, for the range of values is a day's. */
function learningPeriods(periodMs: number): number {
  const { least, most } = EVIDENCE.learning
  return Math.min(most, Math.max(least, Math.round(DAY_MS / periodMs)))
}

/** One period measured against the baselines. */
export interface Measured {
  readonly values: Float64Array
  readonly residuals: readonly (BaselineResidual | undefined)[]
  /** What the forests see; undefined while an input was never seen, or scales are not known yet. */
  readonly view: ViewPoint | undefined
}

/** All that is learned of a series but for its forests: small, so that it can be kept twice and learned again. */
export class SeriesStatistics {
  readonly #inputs: number
  readonly #baselines: readonly SeasonalBaseline[]
  readonly #dynamics: readonly Dynamics[]
  readonly #scales: readonly InputScale[]
  readonly #evidence: SeriesEvidence
  readonly gate: AlertGate
  readonly #last: Float64Array

  constructor(setup: DetectorSetup) {
    this.#inputs = setup.inputs.length
    const each = <T>(make: () => T): T[] => Array.from({ length: this.#inputs }, make)
    this.#baselines = each(() => new SeasonalBaseline(setup.periodMs, setup.band.timezone))
    this.#dynamics = each(() => new Dynamics())
    this.#scales = each(() => new InputScale())
    this.#evidence = new SeriesEvidence(this.#inputs)
    this.gate = new AlertGate({ ...setup, learning: learningPeriods(setup.periodMs) })
    this.#last = new Float64Array(this.#inputs).fill(Number.NaN)
  }

  predict(input: number, timestampMs: number): Prediction {
    return this.#baseline(input).predict(timestampMs)
  }

  /** Values that the best known input has learned. */
  get learned(): number {
    return Math.max(...this.#baselines.map((baseline) => baseline.values))
  }

  /** Measures a period, and teaches the baselines. An input without a value stands for its last one in the forests. */
  measure(timestampMs: number, values: Float64Array): Measured {
    const residuals: (BaselineResidual | undefined)[] = []
    const value = new Float64Array(this.#inputs)
    const dynamics = new Float64Array(2 * this.#inputs)
    let ready = true
    for (let i = 0; i < this.#inputs; i++) {
      const now = values[i] ?? Number.NaN
      const known = Number.isFinite(now)
      const found = known ? this.#baseline(i).step(timestampMs, now) : undefined
      residuals.push(found)
      if (known) this.#last[i] = now
      const shown = this.#shown(i)
      if (Number.isNaN(shown)) {
        ready = false
        continue
      }
      value[i] = shown
      this.#dynamics[i]?.step(shown, dynamics, 2 * i)
    }
    return { values, residuals, view: ready ? { value, dynamics } : undefined }
  }

  /** The input's newest value as the forests see it; NaN while there is none. */
  #shown(input: number): number {
    const value = this.#last[input] ?? Number.NaN
    if (this.#inputs === 1) return value
    const scale = this.#scales[input]
    if (scale === undefined) return Number.NaN
    if (!scale.known && Number.isFinite(value)) scale.learn(value)
    return scale.known ? value / scale.size : Number.NaN
  }

  weigh(measured: Measured, scores: ForestScores | undefined): WeighedPoint {
    return this.#evidence.step(measured.values, measured.residuals, scores)
  }

  judge(evidence: WeighedPoint, allowed: boolean): Verdict {
    return this.gate.step(evidence, allowed)
  }

  /** Moves every baseline's level to where these values are. */
  relevel(periods: readonly { readonly timestampMs: number; readonly values: Float64Array }[]): void {
    this.#baselines.forEach((baseline, i) => {
      const departures = periods
        .map(({ timestampMs, values }) => (values[i] ?? Number.NaN) - baseline.expectation(timestampMs))
        .filter(Number.isFinite)
        .sort((a, b) => a - b)
      const middle = departures[departures.length >> 1]
      if (middle !== undefined) baseline.shift(middle)
    })
    this.gate.reset()
  }

  #baseline(input: number): SeasonalBaseline {
    const baseline = this.#baselines[input]
    if (baseline === undefined) throw new RangeError(`input ${input} of ${this.#inputs}`)
    return baseline
  }

  get byteSize(): number {
    const baselines = this.#baselines.reduce((sum, baseline) => sum + baseline.byteSize, 0)
    return baselines + this.#evidence.byteSize + 512 * this.#inputs
  }

  snapshot(): Uint8Array {
    const writer = new BinaryWriter(MAGIC, VERSION, this.byteSize)
    writer.array(this.#last)
    for (const part of [...this.#baselines, ...this.#dynamics, ...this.#scales]) part.save(writer)
    this.#evidence.save(writer)
    this.gate.save(writer)
    return writer.finish()
  }

  /** Takes over the state of a snapshot of the same inputs and period, of this version or an older one. */
  restore(bytes: Uint8Array): void {
    const reader = new BinaryReader(bytes, MAGIC, VERSION, 'series statistics')
    reader.into(this.#last)
    for (const part of [...this.#baselines, ...this.#dynamics, ...this.#scales]) part.load(reader)
    this.#evidence.load(reader, reader.version >= TAILS_SINCE)
    this.gate.load(reader)
  }
}
