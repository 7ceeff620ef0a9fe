import { Rng } from '../../core/rng.ts'
import type { Frequency } from '../frequency.ts'
import type { DeepArConfig } from './config.ts'
import { InputWriter } from './inputs.ts'
import { Network } from './network.ts'
import { Adam, cosineRate } from './optimiser.ts'
import { initialParameters } from './parameters.ts'
import type { PreparedSeries } from './prepared-series.ts'
import type { Tf } from './tf.ts'
import { fillBatch, makeBatch, type WindowBatch, WindowSampler } from './windows.ts'

export interface TrainingOptions {
  readonly steps: number
  readonly batchSize: number
  readonly learningRate: number
  readonly warmUp: number
  /** Decay of the exponential average of the weights; what is used is the average, not the last step. */
  readonly averaging: number
  readonly seed: number
}

export interface StepReport {
  readonly step: number
  /** Mean negative log-likelihood of the step's batch, in the network's units. */
  readonly loss: number
  /** Norm of the gradient before clipping. */
  readonly gradientNorm: number
  readonly learningRate: number
  /** False when loss or gradient was not finite: the batch was passed over and no weight was moved. */
  readonly applied: boolean
}

/** Trains one network, step by step, on windows of many series. Same seed, same data: same weights, bit for bit. */
export class Trainer {
  readonly network: Network
  readonly #tf: Tf
  readonly #config: DeepArConfig
  readonly #options: TrainingOptions
  readonly #weights: Float32Array
  readonly #average: Float64Array
  readonly #gradient: Float32Array
  readonly #adam: Adam
  readonly #sampler: WindowSampler
  readonly #writer: InputWriter
  readonly #batch: WindowBatch
  readonly #dropout: Rng
  #step = 0

  constructor(
    tf: Tf,
    config: DeepArConfig,
    frequency: Frequency,
    series: readonly PreparedSeries[],
    options: TrainingOptions,
    start?: Float32Array,
  ) {
    this.#tf = tf
    this.#config = config
    this.#options = options
    this.network = new Network(tf, config)
    this.#weights = start?.slice() ?? initialParameters(config, new Rng(options.seed))
    this.#average = Float64Array.from(this.#weights)
    this.#gradient = new Float32Array(this.#weights.length)
    this.#adam = new Adam(this.#weights.length)
    this.#sampler = new WindowSampler(series, config.horizon, new Rng(options.seed ^ 0x5eed))
    this.#dropout = new Rng(options.seed ^ 0xd20)
    this.#writer = new InputWriter(config, frequency)
    this.#batch = makeBatch(config, options.batchSize, this.#writer.layout.size)
  }

  get done(): boolean {
    return this.#step >= this.#options.steps
  }

  /** One step: draw windows, loss, gradient, update, average. */
  step(): StepReport {
    const { steps, batchSize, learningRate, warmUp } = this.#options
    fillBatch(this.#batch, this.#sampler.draw(batchSize), this.#config, this.#writer)
    const loss = this.#differentiate()
    const rate = cosineRate(this.#step, steps, learningRate, warmUp)
    const norm = Number.isFinite(loss) ? this.#adam.update(this.#weights, this.#gradient, rate) : Number.NaN
    this.#step++
    const applied = Number.isFinite(norm)
    if (applied) this.#accumulate()
    return { step: this.#step, loss, gradientNorm: norm, learningRate: rate, applied }
  }

  /** Loss of the batch in hand; its gradient is left in #gradient. Every tensor made is let go. */
  #differentiate(): number {
    const tensors = this.network.load(this.#weights)
    const loss = this.network.lossAndGradient(tensors, this.#batch, this.#dropout, this.#gradient)
    this.#tf.dispose(tensors)
    return loss
  }

  /** The average starts young, so that the first steps do not weigh on it for long. */
  #accumulate(): void {
    const keep = Math.min(this.#options.averaging, (this.#step - 1) / (this.#step + 9))
    for (let i = 0; i < this.#average.length; i++) {
      this.#average[i] = keep * this.#average[i]! + (1 - keep) * this.#weights[i]!
    }
  }

  /** The averaged weights. */
  averaged(): Float32Array {
    return Float32Array.from(this.#average)
  }

  dispose(): void {
    this.network.dispose()
  }
}
