import type { Frequency } from '../frequency.ts'
import type { DeepArConfig } from './config.ts'
import { InputWriter } from './inputs.ts'
import type { ForecastTask } from './path-sampler.ts'
import type { Tf } from './tf.ts'
import type { Trainer } from './trainer.ts'
import { fillBatch, makeBatch, type WindowBatch } from './windows.ts'

/** Held-back windows whose loss is measured each time: enough to tell weights apart, few enough to cost little. */
const WINDOWS_MAX = 256

/** The loss of the averaged weights on held-back windows, and the best of those weights so far. */
export class Validation {
  readonly #tf: Tf
  readonly #trainer: Trainer
  readonly #batch: WindowBatch | undefined
  readonly #gradient: Float32Array
  #best: Float32Array | undefined
  #lowest = Number.POSITIVE_INFINITY
  #since = 0

  constructor(tf: Tf, trainer: Trainer, config: DeepArConfig, frequency: Frequency, tasks: readonly ForecastTask[]) {
    this.#tf = tf
    this.#trainer = trainer
    const every = Math.ceil(tasks.length / WINDOWS_MAX)
    const windows = tasks.filter((_, i) => i % every === 0)
    this.#gradient = trainer.averaged()
    if (windows.length === 0) return
    const writer = new InputWriter(config, frequency)
    this.#batch = makeBatch(config, windows.length, writer.layout.size)
    fillBatch(this.#batch, windows, config, writer)
  }

  /** Measurements since the lowest loss. */
  get patience(): number {
    return this.#since
  }

  /** Undefined when nothing was held back: the newest weights are then the best. */
  measure(): number | undefined {
    if (this.#batch === undefined) return undefined
    const weights = this.#trainer.averaged()
    const tensors = this.#trainer.network.load(weights)
    const loss = this.#trainer.network.lossAndGradient(tensors, this.#batch, undefined, this.#gradient)
    this.#tf.dispose(tensors)
    if (loss < this.#lowest) {
      this.#lowest = loss
      this.#best = weights
      this.#since = 0
    } else {
      this.#since++
    }
    return loss
  }

  best(): Float32Array {
    return this.#best ?? this.#trainer.averaged()
  }
}
