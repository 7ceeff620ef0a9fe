import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import type { BaselineResidual } from '../forecast/baseline/seasonal-baseline.ts'
import { EVIDENCE } from './judge-options.ts'
import { Outbreaks } from './outbreaks.ts'
import { SizeTail } from './size-tail.ts'

/** Values before residuals are measured: the baseline knows little until then. */
const FIRST = 32
/** Values over which the series' usual scatter is learned, and where a residual is clipped for it, in scatters. */
const SCATTER_TIME = 4_000
const SCATTER_CLIP = 5
/** No residual is measured by less than this share of the usual scatter: an hour in which nothing happens has none. */
const LEAST_SHARE = 0.4
/** Larger than this, in deviations, says nothing more. */
const SIZE_LIMIT = 400

/**
 * How unusual the newest residual is, by the residuals of its own sign: a dip of a metric that never dips counts
 * although its spikes go further. Anomalies are learned as no more than barely anomalous, so that a second spike as
 * large as the first is as unusual; only an outbreak that keeps coming back is taken to be normal, each earlier one
 * like it making it ten to thirty times as likely.
 */
export class SuddenEvidence {
  readonly #above = new SizeTail()
  readonly #below = new SizeTail()
  readonly #outbreaks = new Outbreaks()
  #values = 0
  #scatter = 0
  #size = 0
  #deviation = 1
  #side = this.#above

  /** -log10 of how seldom such a residual comes, about; then it is learned. */
  step({ raw, deviation }: BaselineResidual): number {
    this.#values++
    if (this.#values <= FIRST) return 0
    const { most, habit } = EVIDENCE.sudden
    this.#deviation = Math.max(deviation, LEAST_SHARE * this.#scatter, 1e-12)
    this.#size = Math.min(SIZE_LIMIT, Math.abs(raw) / this.#deviation)
    this.#side = raw >= 0 ? this.#above : this.#below
    this.#learnScatter(Math.abs(raw), deviation)
    const decades = Math.min(most, this.#side.step(this.#size))
    const evidence = decades - habit * this.#outbreaks.like(this.#size)
    this.#outbreaks.learn(this.#size, decades)
    return Math.max(0, evidence)
  }

  #learnScatter(size: number, deviation: number): void {
    const learned = this.#values - FIRST
    const most = learned < FIRST ? Number.POSITIVE_INFINITY : SCATTER_CLIP * Math.max(this.#scatter, deviation)
    this.#scatter += (Math.min(size, most) - this.#scatter) / Math.min(learned, SCATTER_TIME)
  }

  /**
   * How far a value lies outside all before it, measured by how far records of such residuals overshoot: infinite where
   * the residuals' tail is not what makes the range.
   */
  overshoots(distance: number): number {
    if (!this.#side.isPlain) return Number.POSITIVE_INFINITY
    return distance / this.#deviation / this.#side.overshoot(this.#size)
  }

  get byteSize(): number {
    return this.#above.byteSize + this.#below.byteSize + 512
  }

  save(writer: BinaryWriter): void {
    writer.f64(this.#values)
    writer.f64(this.#scatter)
    for (const part of [this.#above, this.#below, this.#outbreaks]) part.save(writer)
  }

  load(reader: BinaryReader): void {
    this.#values = reader.f64()
    this.#scatter = reader.f64()
    for (const part of [this.#above, this.#below, this.#outbreaks]) part.load(reader)
  }
}
