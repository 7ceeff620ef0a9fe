import type { BinaryReader, BinaryWriter } from '../core/binary.ts'

/** Bins of a logarithmic histogram: 0.05 to about 330, each 15 % wide; the first holds what is smaller. */
const BINS = 64
const LOWEST = Math.log(0.05)
const WIDTH = Math.log(1.15)
/** Values that the histogram looks back on, about, and values before it says anything. */
const MEMORY = 4_000
const LEAST_VALUES = 30
/** The tail begins where this share, but no fewer than so many values, lies beyond; its shape is told from 8 times as many. */
const TAIL_SHARE = 0.01
const TAIL_VALUES = 8
const WIDER = 8
/** No tail begins below, so that a series of mostly zeros has one. */
const LEAST_START = 1
const LEAST_WIDER = 0.5
/** Weibull shapes: 1 is exponential, 2 normal. The prior counts for so many values. */
const SHAPES = [0.3, 1.6] as const
const PRIOR_SHAPE = 1
const PRIOR_VALUES = 20
/** What is learned is no larger than a value of this much evidence: an anomaly does not teach that anomalies are usual. */
const CEILING = 8
/** Weights grow instead of old ones shrinking; here all are brought down again. */
const WEIGHT_LIMIT = 2 ** 16

/**
 * How seldom a size is, told from the sizes before it: -ln P(X >= x) = nats * (x / start)^shape beyond the start of
 * the tail. The Weibull form follows light tails and heavy ones over the few decades that are asked for.
 */
interface TailFit {
  /** ln of the size where the tail begins. */
  readonly start: number
  readonly nats: number
  readonly shape: number
}

const UNKNOWN: TailFit = { start: 0, nats: -Math.log(TAIL_SHARE), shape: PRIOR_SHAPE }

/** A running distribution of sizes (> 0), and the evidence of a new one: O(1) a value, 256 bytes of state. */
export class SizeTail {
  readonly #counts = new Float32Array(BINS)
  #total = 0
  #weight = 1
  #fit = UNKNOWN

  /** -log10 of the probability of a size as large, >= 0, by those before it; then it is learned. 0 while little is known. */
  step(size: number): number {
    const known = this.#total > LEAST_VALUES * this.#weight
    this.#fit = known ? this.#measure() : UNKNOWN
    const evidence = known && size > 0 ? this.#evidence(Math.log(size)) : 0
    this.#learn(known ? Math.min(size, this.#ceiling()) : size)
    return evidence
  }

  #evidence(logSize: number): number {
    const { start, nats, shape } = this.#fit
    return (nats * Math.exp(shape * (logSize - start))) / Math.LN10
  }

  #ceiling(): number {
    const { start, nats, shape } = this.#fit
    return Math.exp(start + Math.log((CEILING * Math.LN10) / nats) / shape)
  }

  /** How far beyond a size the next one like it lies, on average, as it was before the last step. */
  overshoot(size: number): number {
    const { start, nats, shape } = this.#fit
    const from = Math.max(Math.log(size), start)
    return Math.exp(from) / (shape * nats * Math.exp(shape * (from - start)))
  }

  /** True when large values come from a tail that begins near, not from a structure of its own far out. */
  get isPlain(): boolean {
    return this.#fit.start < Math.log(6.5) && this.#fit.shape > 0.6
  }

  #measure(): TailFit {
    const values = this.#total / this.#weight
    const few = Math.max(TAIL_SHARE * values, TAIL_VALUES)
    const many = Math.min(few * WIDER, 0.5 * values)
    const tail = this.#beyond(few)
    const wider = this.#beyond(many)
    const start = Math.max(tail.from, Math.log(LEAST_START))
    const before = Math.max(wider.from, Math.log(LEAST_WIDER))
    const nats = -Math.log(tail.values / values)
    const told = start > before ? Math.log(nats / -Math.log(wider.values / values)) / (start - before) : SHAPES[1]
    const shape = (told * many + PRIOR_SHAPE * PRIOR_VALUES) / (many + PRIOR_VALUES)
    return { start, nats, shape: Math.max(SHAPES[0], Math.min(SHAPES[1], shape)) }
  }

  /** ln of the size beyond which so many values lie; fewer, when the rest is in the first bin. */
  #beyond(wanted: number): { readonly from: number; readonly values: number } {
    let found = 0
    for (let bin = BINS - 1; bin > 0; bin--) {
      const here = this.#counts[bin]! / this.#weight
      if (found + here >= wanted) return { from: LOWEST + (bin - (wanted - found) / here) * WIDTH, values: wanted }
      found += here
    }
    return { from: LOWEST, values: Math.max(found, 1e-9) }
  }

  #learn(size: number): void {
    const place = 1 + Math.floor((Math.log(Math.max(size, 1e-9)) - LOWEST) / WIDTH)
    this.#counts[Math.max(0, Math.min(BINS - 1, place))]! += this.#weight
    this.#total += this.#weight
    this.#weight /= 1 - 1 / MEMORY
    if (this.#weight < WEIGHT_LIMIT) return
    for (let bin = 0; bin < BINS; bin++) this.#counts[bin]! /= WEIGHT_LIMIT
    this.#total /= WEIGHT_LIMIT
    this.#weight /= WEIGHT_LIMIT
  }

  get byteSize(): number {
    return this.#counts.byteLength + 64
  }

  save(writer: BinaryWriter): void {
    writer.f64(this.#total)
    writer.f64(this.#weight)
    writer.array(this.#counts)
  }

  load(reader: BinaryReader): void {
    this.#total = reader.f64()
    this.#weight = reader.f64()
    reader.into(this.#counts)
  }
}
