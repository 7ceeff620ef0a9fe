import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { TidegaugeError } from '../core/errors.ts'

export interface WatermarkOptions {
  readonly latenessMs: number
  readonly periodMs: number
  /** A step forward of event time that is believed at once; what lies further ahead has to be confirmed. */
  readonly maxJumpMs: number
}

export const MAX_JUMP_MS_DEFAULT = 3_600_000

/**
 * How far event time has come in one partition: the newest event time seen, less the lateness. What ended at or before
 * the watermark is closed, and what comes for it afterwards is late.
 *
 * One sample with a wrong clock must not carry the watermark into the future, as every other series would be late from
 * then on; but a topic that was silent for a day does go on a day later. So a jump of more than `maxJumpMs` is believed
 * only when the samples beyond it span a whole period of event time and outnumber those from before it. Until then they
 * wait in their buckets, ahead of the watermark.
 */
export class Watermark {
  readonly #options: WatermarkOptions
  #maxMs = Number.NEGATIVE_INFINITY
  /** The earliest event time beyond the jump in doubt, NaN when there is none. */
  #jumpMs = Number.NaN
  #beyond = 0
  #before = 0

  constructor(options: Pick<WatermarkOptions, 'latenessMs' | 'periodMs'> & Partial<WatermarkOptions>) {
    this.#options = { maxJumpMs: MAX_JUMP_MS_DEFAULT, ...options }
    if (!(this.#options.maxJumpMs > 0)) {
      throw new TidegaugeError('CONFIG_INVALID', `must be more than 0 ms, not ${this.#options.maxJumpMs}`, {
        where: 'window.maxJumpMs',
      })
    }
  }

  /** Event times at or before this are complete; -Infinity before the first sample. */
  get ms(): number {
    return this.#maxMs - this.#options.latenessMs
  }

  /** The newest event time that was believed. */
  get newestMs(): number {
    return this.#maxMs
  }

  /** Takes note of a sample's event time, before the sample is offered to its window. */
  observe(timestampMs: number): void {
    if (timestampMs <= this.#maxMs + this.#options.maxJumpMs || this.#maxMs === Number.NEGATIVE_INFINITY) {
      if (timestampMs > this.#maxMs) this.#maxMs = timestampMs
      if (!Number.isNaN(this.#jumpMs) && ++this.#before >= this.#beyond) this.#forgetJump()
      return
    }
    this.#beyond++
    this.#jumpMs = Number.isNaN(this.#jumpMs) ? timestampMs : Math.min(this.#jumpMs, timestampMs)
    if (timestampMs >= this.#jumpMs + this.#options.periodMs && this.#beyond > this.#before) {
      this.#maxMs = timestampMs
      this.#forgetJump()
    }
  }

  /** Moves event time by a clock that can be relied on: no jump is in doubt. */
  advance(timestampMs: number): void {
    if (timestampMs > this.#maxMs) this.#maxMs = timestampMs
  }

  #forgetJump(): void {
    this.#jumpMs = Number.NaN
    this.#beyond = 0
    this.#before = 0
  }

  save(writer: BinaryWriter): void {
    for (const value of [this.#maxMs, this.#jumpMs, this.#beyond, this.#before]) writer.f64(value)
  }

  load(reader: BinaryReader): void {
    this.#maxMs = reader.f64()
    this.#jumpMs = reader.f64()
    this.#beyond = reader.f64()
    this.#before = reader.f64()
  }
}
