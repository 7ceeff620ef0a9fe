import type { BinaryReader, BinaryWriter } from '../core/binary.ts'

/** Relative error of a quantile. */
export const SKETCH_ACCURACY = 0.01
/** Bins of one sign: 2,048 of 2 % each span 17 decades; beyond that the ones nearest to zero are merged. */
const BINS_MAX = 2_048
const GAMMA = (1 + SKETCH_ACCURACY) / (1 - SKETCH_ACCURACY)
const LOG_GAMMA = Math.log(GAMMA)
/** What is nearer to zero than this counts as zero. */
const ZERO_BELOW = 1e-300

/**
 * DDSketch (Masson, Rim and Lee, VLDB 2019): counts in bins whose bounds grow by a constant factor, so that any
 * quantile is known within 1 % of its value. What it answers depends on the values alone, never on their order.
 */
export class QuantileSketch {
  readonly #positive = new Map<number, number>()
  readonly #negative = new Map<number, number>()
  #zeros = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  add(value: number): void {
    this.#count++
    if (Math.abs(value) < ZERO_BELOW) this.#zeros++
    else if (value > 0) addTo(this.#positive, value)
    else addTo(this.#negative, -value)
  }

  /** The q-quantile, 0 <= q <= 1; NaN when empty. */
  quantile(q: number): number {
    if (this.#count === 0) return Number.NaN
    let left = Math.floor(q * (this.#count - 1)) + 1
    for (const [index, count] of sorted(this.#negative).reverse()) {
      left -= count
      if (left <= 0) return -middle(index)
    }
    left -= this.#zeros
    if (left <= 0) return 0
    for (const [index, count] of sorted(this.#positive)) {
      left -= count
      if (left <= 0) return middle(index)
    }
    return Number.NaN
  }

  save(writer: BinaryWriter): void {
    writer.f64(this.#zeros)
    for (const bins of [this.#negative, this.#positive]) writer.array(Float64Array.from(sorted(bins).flat()))
  }

  static load(reader: BinaryReader): QuantileSketch {
    const sketch = new QuantileSketch()
    sketch.#zeros = reader.f64()
    sketch.#count = sketch.#zeros
    for (const bins of [sketch.#negative, sketch.#positive]) {
      const saved = reader.f64Array()
      for (let i = 0; i < saved.length; i += 2) {
        bins.set(saved[i]!, saved[i + 1]!)
        sketch.#count += saved[i + 1]!
      }
    }
    return sketch
  }
}

function addTo(bins: Map<number, number>, magnitude: number): void {
  const index = Math.ceil(Math.log(magnitude) / LOG_GAMMA)
  bins.set(index, (bins.get(index) ?? 0) + 1)
  if (bins.size <= BINS_MAX) return
  const [lowest, next] = sorted(bins)
  bins.delete(lowest![0])
  bins.set(next![0], next![1] + lowest![1])
}

/** The value of a bin with the least relative distance to both of its bounds. */
function middle(index: number): number {
  return (2 * GAMMA ** index) / (GAMMA + 1)
}

function sorted(bins: ReadonlyMap<number, number>): [number, number][] {
  return [...bins].sort((a, b) => a[0] - b[0])
}
