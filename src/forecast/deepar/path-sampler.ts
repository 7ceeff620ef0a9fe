import { seedOf } from '../../core/hash.ts'
import { Rng } from '../../core/rng.ts'
import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import { parseFrequency } from '../frequency.ts'
import { applyCopies } from './head-loss.ts'
import { InputWriter } from './inputs.ts'
import type { DeepArModel } from './model.ts'
import { PathDrawers } from './path-drawer.ts'
import type { PathSize, PathStart, Paths } from './paths.ts'
import type { PreparedSeries } from './prepared-series.ts'
import { StepNetwork } from './step-network.ts'

/** What is to be forecast: the steps from `split` on, from the values before it. */
export interface ForecastTask {
  readonly series: PreparedSeries
  readonly split: number
}

export interface SamplingOptions extends PathSize {
  readonly seed: number
}

/** Series whose contexts are read side by side. */
const SERIES = 64

/**
 * Ancestral sampling of many series: each context once, then each series' paths. What a series gets depends on its own
 * values, its id and the seed alone.
 */
export class PathSampler {
  readonly #model: DeepArModel
  readonly #network: StepNetwork
  readonly #writer: InputWriter
  readonly #drawers: PathDrawers

  constructor(model: DeepArModel) {
    this.#model = model
    this.#network = new StepNetwork(model)
    this.#drawers = new PathDrawers(model, this.#network.inputSize)
    this.#writer = new InputWriter(model.config, parseFrequency(model.config.frequency))
  }

  sample(tasks: readonly ForecastTask[], options: SamplingOptions): Paths[] {
    const drawer = this.#drawers.of(options)
    const paths: Paths[] = []
    for (let from = 0; from < tasks.length; from += SERIES) {
      for (const start of this.#starts(tasks.slice(from, from + SERIES), options.seed)) paths.push(drawer.draw(start))
    }
    return paths
  }

  /** Runs the contexts from a zero state, up to the step that predicts the first unknown value. */
  #starts(tasks: readonly ForecastTask[], seed: number): PathStart[] {
    const { context, copied, likelihood } = this.#model.config
    const { inputSize, headSize, stateSize } = this.#network
    const affines = tasks.map(({ series, split }) => series.affineAt(split))
    const states = tasks.map(() => new Float32Array(stateSize))
    const inputs = new Float32Array(tasks.length * inputSize)
    const head = new Float64Array(tasks.length * headSize)
    const write = (i: number, index: number, out: Float32Array, at: number) => {
      const { series } = tasks[i]!
      this.#writer.write(series, affines[i]!, index, out, at)
      this.#network.writeEmbeddings(series.source.categories, out, at + this.#writer.layout.size)
    }
    for (let t = 1 - context; t <= 0; t++) {
      for (let i = 0; i < tasks.length; i++) write(i, tasks[i]!.split + t, inputs, i * inputSize)
      this.#network.step(tasks.length, inputs, states, head)
    }
    const { rawSize } = LIKELIHOOD_BY_NAME[likelihood]
    const gates = new Float64Array(copied + 1)
    return tasks.map(({ series, split }, i) => {
      const at = i * headSize
      if (copied > 0) applyCopies(copied, head, at, at + rawSize, inputs, i * inputSize, gates)
      return {
        raw: head.subarray(at, at + rawSize),
        state: states[i]!,
        affine: affines[i]!,
        rng: new Rng(seedOf('paths', String(seed), series.source.itemId, String(split))),
        write: (h, out, from) => {
          write(i, split + h, out, from)
          out[from + this.#writer.layout.observedAt] = 1
        },
      }
    })
  }
}
