/** Count, mean and variance of a stream (Welford 1962): exact up to rounding, no catastrophic cancellation. */
export class RunningMoments {
  count = 0
  mean = 0
  #sumOfSquares = 0

  add(value: number): void {
    this.count++
    const delta = value - this.mean
    this.mean += delta / this.count
    this.#sumOfSquares += delta * (value - this.mean)
  }

  /** Population variance; 0 before the second value. */
  get variance(): number {
    return this.count > 1 ? this.#sumOfSquares / this.count : 0
  }

  get deviation(): number {
    return Math.sqrt(this.variance)
  }

  /** count, mean, sum of squared deviations: for a snapshot. */
  save(): readonly [number, number, number] {
    return [this.count, this.mean, this.#sumOfSquares]
  }

  load(saved: readonly [number, number, number]): void {
    ;[this.count, this.mean, this.#sumOfSquares] = saved
  }
}
