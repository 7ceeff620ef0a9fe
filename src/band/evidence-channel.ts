import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { normalTailEvidence } from './normal-tail.ts'

export interface ChannelOptions {
  /** Values whose mean is judged: 1 for what is sudden, more for what lasts. */
  readonly window: number
  /** A value x counts as x^power; as log(x + 0.1) when 0. Tames the tail of a forest's score. */
  readonly power: number
  /** Values that the mean and the deviation look back on, about. */
  readonly memory: number
}

/** Values before the channel gives evidence. */
const LEAST_VALUES = 10

/**
 * Turns a statistic of any scale into evidence that means the same for every series: -log10 of the normal tail
 * probability of the mean of the last few values, against the mean and deviation of all such means before (Numenta's
 * anomaly likelihood, Lavin and Ahmad 2015, with a transform and without a cap).
 */
export class EvidenceChannel {
  readonly #options: ChannelOptions
  readonly #recent: Float64Array
  #seen = 0
  #count = 0
  #mean = 0
  #variance = 0

  constructor(options: ChannelOptions) {
    this.#options = options
    this.#recent = new Float64Array(options.window)
  }

  /** The evidence of the value, >= 0; then the value is learned. */
  step(value: number): number {
    const { window, power, memory } = this.#options
    this.#recent[this.#seen % window] = power === 0 ? Math.log(value + 0.1) : value ** power
    this.#seen++
    const held = Math.min(this.#seen, window)
    let sum = 0
    for (let i = 0; i < held; i++) sum += this.#recent[i]!
    const average = sum / held
    const deviation = Math.max(Math.sqrt(this.#variance), 1e-9)
    const evidence = this.#count > LEAST_VALUES ? normalTailEvidence((average - this.#mean) / deviation) : 0
    this.#count = Math.min(this.#count + 1, memory)
    const step = average - this.#mean
    this.#mean += step / this.#count
    this.#variance += ((average - this.#mean) * step - this.#variance) / this.#count
    return evidence
  }

  get byteSize(): number {
    return this.#recent.byteLength + 96
  }

  save(writer: BinaryWriter): void {
    for (const value of [this.#seen, this.#count, this.#mean, this.#variance]) writer.f64(value)
    writer.array(this.#recent)
  }

  load(reader: BinaryReader): void {
    this.#seen = reader.f64()
    this.#count = reader.f64()
    this.#mean = reader.f64()
    this.#variance = reader.f64()
    reader.into(this.#recent)
  }
}
