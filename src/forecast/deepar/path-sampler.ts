import { seedOf } from '../../core/hash.ts'
import { Rng } from '../../core/rng.ts'
import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import type { Affine, Likelihood } from '../distribution/likelihood.ts'
import type { Frequency } from '../frequency.ts'
import { type CellWeights, FusedCell } from './fused-cell.ts'
import type { LstmState } from './fused-lstm.ts'
import { applyCopies } from './head-loss.ts'
import { InputWriter, normalise } from './inputs.ts'
import type { NamedTensors, Network } from './network.ts'
import { partsOf } from './parameters.ts'
import type { PreparedSeries } from './prepared-series.ts'
import type { Tensor2D, Tf } from './tf.ts'

/** What is to be forecast: the steps from `split` on, from the values before it. */
export interface ForecastTask {
  readonly series: PreparedSeries
  readonly split: number
}

export interface SamplingOptions {
  readonly samples: number
  readonly horizon: number
  readonly seed: number
}

/** Sample paths of one task: step h of path s is at [h * samples + s]. */
export type Paths = Float64Array

/** Rows of the network's batch: as many paths as stay in a core's cache. */
const ROWS = 800

/** Ancestral sampling (DeepAR, section 3.2): the context once a series, then every path step by step. Dispose it. */
export class PathSampler {
  readonly #tf: Tf
  readonly #network: Network
  readonly #weights: NamedTensors
  readonly #cell: FusedCell
  readonly #layers: readonly CellWeights[]
  readonly #headBias: Float32Array
  readonly #writer: InputWriter
  readonly #likelihood: Likelihood

  /** `weights` are flat, laid out as parameterSlots says. */
  constructor(tf: Tf, network: Network, weights: Float32Array, frequency: Frequency) {
    const { config } = network
    this.#tf = tf
    this.#network = network
    this.#weights = network.load(weights)
    this.#cell = new FusedCell(tf)
    const part = partsOf(config, weights)
    this.#layers = Array.from({ length: config.layers }, (_, l) =>
      this.#cell.load(part(`kernel${l}`), part(`bias${l}`)),
    )
    this.#headBias = part('headBias')
    this.#writer = new InputWriter(config, frequency)
    this.#likelihood = LIKELIHOOD_BY_NAME[config.likelihood]
  }

  dispose(): void {
    this.#tf.dispose([this.#weights, this.#layers.map(({ kernel, bias, peephole }) => [kernel, bias, peephole])])
  }

  sample(tasks: readonly ForecastTask[], options: SamplingOptions): Paths[] {
    const paths: Paths[] = []
    const perGroup = Math.max(1, Math.floor(ROWS / options.samples))
    for (let from = 0; from < tasks.length; from += perGroup) {
      this.#tf.engine().startScope()
      try {
        paths.push(...this.#sampleGroup(tasks.slice(from, from + perGroup), options))
      } finally {
        this.#tf.engine().endScope()
      }
    }
    return paths
  }

  #categories(tasks: readonly ForecastTask[], repeat: number): Int32Array[] {
    return this.#network.config.cardinalities.map((_, c) => {
      const out = new Int32Array(tasks.length * repeat)
      tasks.forEach((task, i) => {
        out.fill(task.series.source.categories[c] ?? 0, i * repeat, (i + 1) * repeat)
      })
      return out
    })
  }

  /** The states after the last context value, one row a task: the state that predicts the first step is one input on. */
  #encode(tasks: readonly ForecastTask[], affines: readonly Affine[]): LstmState[] {
    const { config } = this.#network
    const width = this.#writer.layout.size
    const steps = config.context - 1
    const inputs = new Float32Array(steps * tasks.length * width)
    tasks.forEach(({ series, split }, b) => {
      for (let t = 0; t < steps; t++) {
        this.#writer.write(series, affines[b]!, split - steps + t, inputs, (t * tasks.length + b) * width)
      }
    })
    const x = this.#network.embed(
      this.#weights,
      this.#tf.tensor3d(inputs, [steps, tasks.length, width]),
      this.#categories(tasks, 1),
    )
    return this.#network.encode(this.#weights, x)
  }

  #repeat(state: Tensor2D, times: number): Tensor2D {
    const [rows, cells] = state.shape
    return state
      .expandDims(1)
      .tile([1, times, 1])
      .reshape([rows * times, cells]) as Tensor2D
  }

  #sampleGroup(tasks: readonly ForecastTask[], { samples, horizon, seed }: SamplingOptions): Paths[] {
    const tf = this.#tf
    const { config } = this.#network
    const width = this.#writer.layout.size
    const affines = tasks.map(({ series, split }) => series.affineAt(split))
    const rngs = tasks.map(
      ({ series, split }) => new Rng(seedOf('paths', String(seed), series.source.itemId, String(split))),
    )
    const paths = tasks.map(() => new Float64Array(horizon * samples))
    const scaled = tasks.map(() => new Float32Array(horizon * samples))
    const rows = tasks.length * samples
    const gates = new Float64Array(config.copied + 1)
    const inputs = new Float32Array(rows * width)
    const categories = this.#categories(tasks, samples)
    const states = this.#encode(tasks, affines).map(({ h, c }) => ({
      h: this.#repeat(h, samples),
      c: this.#repeat(c, samples),
    }))
    for (let h = 0; h < horizon; h++) {
      tasks.forEach((task, i) => {
        this.#writeRows(task, affines[i]!, h, samples, scaled[i]!, inputs, i * samples * width)
      })
      const head = this.#advance(inputs, categories, states)
      const headSize = head.length / rows
      tasks.forEach((_, i) => {
        for (let s = 0; s < samples; s++) {
          const row = i * samples + s
          if (config.copied > 0) {
            const gatesAt = row * headSize + this.#likelihood.rawSize
            applyCopies(config.copied, head, row * headSize, gatesAt, inputs, row * width, gates)
          }
          const value = this.#likelihood.sample(head, row * headSize, affines[i]!, rngs[i]!)
          paths[i]![h * samples + s] = value
          scaled[i]![h * samples + s] = normalise(value, affines[i]!)
        }
      })
    }
    for (const state of states) tf.dispose([state.h, state.c])
    return paths
  }

  /** Moves the states one step on, in place; the head's outputs, [rows, head width]. */
  #advance(inputs: Float32Array, categories: readonly Int32Array[], states: LstmState[]): Float32Array {
    const tf = this.#tf
    const rows = inputs.length / this.#writer.layout.size
    // Handed out by assignment: tidy searches what it returns for tensors, number by number.
    let head: Float32Array = new Float32Array(0)
    tf.tidy(() => {
      let x = this.#network.embedRows(this.#weights, tf.tensor2d(inputs, [rows, this.#writer.layout.size]), categories)
      this.#layers.forEach((weights, layer) => {
        const before = states[layer]!
        const next = this.#cell.step(x, before, weights)
        tf.dispose([before.h, before.c])
        states[layer] = { h: tf.keep(next.h), c: tf.keep(next.c) }
        x = next.h
      })
      head = tf.matMul(x, this.#weights['head'] as Tensor2D).dataSync() as Float32Array
    })
    const width = this.#headBias.length
    for (let i = 0; i < head.length; i++) head[i] = head[i]! + this.#headBias[i % width]!
    return head
  }

  /** Inputs of all paths of one task at step h: what is known is the same for all, lags up to h come from the path. */
  #writeRows(
    task: ForecastTask,
    affine: Affine,
    h: number,
    samples: number,
    scaled: Float32Array,
    out: Float32Array,
    at: number,
  ): void {
    const { lags } = this.#network.config
    const width = this.#writer.layout.size
    this.#writer.write(task.series, affine, task.split + h, out, at)
    if (h > 0) out[at + this.#writer.layout.observedAt] = 1
    for (let s = 1; s < samples; s++) out.copyWithin(at + s * width, at, at + width)
    for (let k = 0; k < lags.length; k++) {
      const step = h - lags[k]!
      if (step < 0) continue
      for (let s = 0; s < samples; s++) out[at + s * width + k] = scaled[step * samples + s]!
    }
  }
}
