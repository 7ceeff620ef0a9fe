import type { Rng } from '../../core/rng.ts'
import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import type { TrainingState } from '../forecaster.ts'
import { type Frequency, mainSeason, parseFrequency, stepMs, timeOfStep } from '../frequency.ts'
import { RollingScaler } from '../scaler.ts'
import { writePhases } from '../time-features.ts'
import { layoutOf } from './config.ts'
import { applyCopies } from './head-loss.ts'
import { normalise, writeLevel } from './inputs.ts'
import type { DeepArModel } from './model.ts'
import { PathDrawers } from './path-drawer.ts'
import type { PathSize, Paths } from './paths.ts'
import { PredictiveDistribution } from './predictive-distribution.ts'
import { StepNetwork } from './step-network.ts'
import { StreamState } from './stream-state.ts'

/** One closed period of one series. */
export interface StreamPoint {
  readonly state: StreamState
  readonly timestampMs: number
  /** NaN where the period had none. */
  readonly value: number
  /**
   * False keeps the value from the state's input: the value expected takes its place (missing periods, and values
   * inside an alarm when the band is to be robust against them).
   */
  readonly observed: boolean
}

/** Steps after which a state is built up anew from its context, with location and scale measured anew. */
const STEPS_PER_ANCHOR = 96

/**
 * One-step-ahead predictive distributions in the stream: each period, every series of a task moves one step. In
 * training a window has one location and scale, and starts from a zero state; so a state is rebuilt every 96 steps from
 * the last `context` values. What a series gets depends on its own values alone.
 */
export class StreamPredictor {
  readonly model: DeepArModel
  readonly #network: StepNetwork
  readonly #frequency: Frequency
  readonly #season: number
  readonly #capacity: number
  readonly #layout
  readonly #gates: Float64Array
  readonly #phases: Float32Array
  readonly #drawers: PathDrawers
  #phasesMs = Number.NaN

  constructor(model: DeepArModel) {
    this.model = model
    this.#network = new StepNetwork(model)
    this.#frequency = parseFrequency(model.config.frequency)
    this.#season = mainSeason(this.#frequency)
    const { lags, context, scaleWindow } = model.config
    this.#capacity = Math.max(Math.max(...lags) + context, scaleWindow, this.#season)
    this.#layout = layoutOf(model.config)
    this.#drawers = new PathDrawers(model, this.#network.inputSize)
    this.#gates = new Float64Array(model.config.copied + 1)
    this.#phases = new Float32Array(2 * model.config.features.length)
  }

  /** The period that the model steps by, ms; NaN for months, which no stream has. */
  get periodMs(): number {
    return stepMs(this.#frequency)
  }

  newState(categories: readonly number[] = []): StreamState {
    return new StreamState(this.#capacity, this.#network.stateSize, categories)
  }

  /** Enough to look back one season and one context: until then the band knows less than it was trained to know. */
  trainingState(state: StreamState): TrainingState {
    const enough = Math.min(this.#capacity, this.#season + this.model.config.context)
    return state.observedCount >= enough ? 'TRAINED' : 'TRAINED_INSUFFICIENT_DATA'
  }

  /** Takes in one period of each series and gives the distribution of each series' next one. */
  advance(points: readonly StreamPoint[]): PredictiveDistribution[] {
    const anchored: StreamState[] = []
    for (const { state, timestampMs, value, observed } of points) {
      const seen = observed && Number.isFinite(value)
      state.push(timestampMs, seen ? value : this.#standIn(state, value), seen)
      state.sinceAnchor++
      if (state.sinceAnchor === 0 || state.sinceAnchor >= this.#anchorEvery(state)) anchored.push(state)
    }
    this.#anchor(anchored)
    return this.#stepAll(
      points.map((point) => point.state),
      0,
    )
  }

  /** A young series is measured anew at every doubling of its length. */
  #anchorEvery(state: StreamState): number {
    return Math.min(STEPS_PER_ANCHOR, Math.ceil(state.length / 2))
  }

  /** Sample paths from the newest value on; `next` is what `advance` gave for it. Changes nothing in the state. */
  paths(state: StreamState, next: PredictiveDistribution, size: PathSize, rng: Rng): Paths {
    return this.#drawers.of(size).draw({
      raw: next.raw,
      state: state.lstm,
      affine: { location: state.location, scale: state.scale },
      rng,
      write: (h, out, at) => {
        this.#writeInputs(state, -h, out, at)
        out[at + this.#layout.observedAt] = 1
      },
    })
  }

  /** Lets a state look back on values that were kept elsewhere; the next `advance` builds it up from them. */
  recall(state: StreamState, startMs: number, values: ArrayLike<number>): void {
    for (let i = Math.max(0, values.length - this.#capacity); i < values.length; i++) {
      const value = values[i]!
      const seen = Number.isFinite(value)
      state.push(timeOfStep(startMs, this.#frequency, i), seen ? value : this.#standIn(state, value), seen)
    }
    state.sinceAnchor = -1
  }

  /** What stands in for a value that is not to be learned from: the caller's, else a season before, else the newest. */
  #standIn(state: StreamState, value: number): number {
    if (Number.isFinite(value)) return value
    const season = state.back(this.#season - 1)
    if (Number.isFinite(season)) return season
    const newest = state.back(0)
    return Number.isFinite(newest) ? newest : 0
  }

  /** Measures location and scale anew and runs the context through the network from a zero state. */
  #anchor(states: readonly StreamState[]): void {
    if (states.length === 0) return
    const { context, scaling, scaleWindow } = this.model.config
    for (const state of states) {
      const { values, observed } = state.history()
      const affine = new RollingScaler(values, observed, scaling, scaleWindow).at(values.length)
      state.location = affine.location
      state.scale = affine.scale
      state.lstm.fill(0)
      state.sinceAnchor = 0
    }
    for (let back = context - 1; back >= 1; back--) this.#run(states, back)
  }

  #stepAll(states: readonly StreamState[], back: number): PredictiveDistribution[] {
    const { inputs, out } = this.#run(states, back)
    const { config } = this.model
    const { headSize, inputSize } = this.#network
    const { rawSize } = LIKELIHOOD_BY_NAME[config.likelihood]
    return states.map((state, i) => {
      const at = i * headSize
      if (config.copied > 0) applyCopies(config.copied, out, at, at + rawSize, inputs, i * inputSize, this.#gates)
      return new PredictiveDistribution(config.likelihood, out.subarray(at, at + rawSize), state)
    })
  }

  /** One step of all states, as if the newest `back` values were not there yet. */
  #run(states: readonly StreamState[], back: number): { inputs: Float32Array; out: Float64Array } {
    const { inputSize, headSize } = this.#network
    const inputs = new Float32Array(states.length * inputSize)
    const out = new Float64Array(states.length * headSize)
    states.forEach((state, i) => {
      this.#writeInputs(state, back, inputs, i * inputSize)
    })
    this.#network.step(
      states.length,
      inputs,
      states.map((state) => state.lstm),
      out,
    )
    return { inputs, out }
  }

  #writeInputs(state: StreamState, back: number, out: Float32Array, at: number): void {
    const { config } = this.model
    const { lags } = config
    for (let k = 0; k < lags.length; k++) {
      const value = state.back(back + lags[k]! - 1)
      out[at + k] = Number.isNaN(value) ? 0 : normalise(value, state)
    }
    out[at + this.#layout.observedAt] = state.wasObserved(back) ? 1 : 0
    this.#writePhases(timeOfStep(state.newestMs, this.#frequency, 1 - back), out, at + this.#layout.phasesAt)
    writeLevel(config, state, out, at + this.#layout.levelAt)
    this.#network.writeEmbeddings(state.categories, out, at + this.#layout.size)
  }

  /** The series of a task share their times, so the last phases are kept. */
  #writePhases(ms: number, out: Float32Array, at: number): void {
    if (ms !== this.#phasesMs) {
      writePhases(this.model.config.features, ms, this.#phases, 0)
      this.#phasesMs = ms
    }
    for (let i = 0; i < this.#phases.length; i++) out[at + i] = this.#phases[i]!
  }
}
