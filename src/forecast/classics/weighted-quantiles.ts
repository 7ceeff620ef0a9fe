/** Values that are weighed, again and again in other ways. Quantiles lie between the middles of neighbours' weights. */
export class WeightedValues {
  readonly #values: Float64Array
  readonly #order: readonly number[]

  constructor(values: Float64Array) {
    this.#values = values
    this.#order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b)
  }

  /** The mean when value i weighs `weights[i]`. */
  mean(weights: Float64Array): number {
    let sum = 0
    let total = 0
    for (let i = 0; i < weights.length; i++) {
      sum += weights[i]! * this.#values[i]!
      total += weights[i]!
    }
    return sum / total
  }

  /** The value at each level, `levels` in ascending order, when value i weighs `weights[i]`. */
  quantiles(weights: Float64Array, levels: readonly number[]): number[] {
    const order = this.#order
    const valueAt = (rank: number) => this.#values[order[Math.min(Math.max(rank, 0), order.length - 1)]!]!
    const weightAt = (rank: number) => weights[order[rank]!]!
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    let rank = 0
    let before = 0
    return levels.map((level) => {
      const wanted = level * total
      while (rank < order.length && before + weightAt(rank) / 2 < wanted) before += weightAt(rank++)
      if (rank === 0 || rank === order.length) return valueAt(rank)
      const low = before - weightAt(rank - 1) / 2
      const high = before + weightAt(rank) / 2
      const share = high > low ? (wanted - low) / (high - low) : 1
      return valueAt(rank - 1) + Math.min(1, Math.max(0, share)) * (valueAt(rank) - valueAt(rank - 1))
    })
  }
}
