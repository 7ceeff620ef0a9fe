/**
 * A seeded generator whose whole state is four 32-bit words (sfc32, Chris Doty-Humphrey's Small Fast Counter:
 * passes PractRand, period at least 2^32, about 2^127 on average). The state is part of a snapshot, so a restored
 * model draws the numbers that it would have drawn.
 */
export class Rng {
  readonly state = new Uint32Array(4)
  #spareNormal = Number.NaN

  constructor(seed: number) {
    this.state[0] = 0x9e3779b9
    this.state[1] = 0x243f6a88
    this.state[2] = seed >>> 0
    this.state[3] = 1
    for (let i = 0; i < 15; i++) this.uint32()
  }

  /** Uniform over 0 .. 2^32 - 1. */
  uint32(): number {
    const s = this.state
    const sum = (s[0]! + s[1]! + s[3]!) >>> 0
    s[3] = s[3]! + 1
    s[0] = s[1]! ^ (s[1]! >>> 9)
    s[1] = s[2]! + (s[2]! << 3)
    s[2] = ((s[2]! << 21) | (s[2]! >>> 11)) + sum
    return sum
  }

  /** Uniform over [0, 1), 53 bits. */
  uniform(): number {
    const high = this.uint32() >>> 5
    const low = this.uint32() >>> 6
    return (high * 67108864 + low) / 9007199254740992
  }

  /** Uniform over 0 .. bound - 1. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound)
  }

  /** Standard normal (Marsaglia's polar method; its second value is kept for the next call). */
  normal(): number {
    if (!Number.isNaN(this.#spareNormal)) {
      const spare = this.#spareNormal
      this.#spareNormal = Number.NaN
      return spare
    }
    for (;;) {
      const u = 2 * this.uniform() - 1
      const v = 2 * this.uniform() - 1
      const s = u * u + v * v
      if (s >= 1 || s === 0) continue
      const factor = Math.sqrt((-2 * Math.log(s)) / s)
      this.#spareNormal = v * factor
      return u * factor
    }
  }

  /** The generator's state with the spare normal: five float64 values, for a snapshot. */
  save(): Float64Array {
    return Float64Array.of(...this.state, this.#spareNormal)
  }

  load(saved: Float64Array): void {
    for (let i = 0; i < 4; i++) this.state[i] = saved[i]!
    this.#spareNormal = saved[4]!
  }
}
