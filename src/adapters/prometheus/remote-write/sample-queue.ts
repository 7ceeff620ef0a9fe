import type { WriteSample } from './write-request.ts'

/**
 * Samples that wait, in the order in which they came, in pieces of what one request takes. Bounded: when it is full the
 * oldest piece goes, because Prometheus could not take it after a newer one anyway.
 */
export class SampleQueue {
  readonly #limit: number
  readonly #perRequest: number
  readonly #pieces: WriteSample[][] = []
  #size = 0

  constructor(limits: { readonly samples: number; readonly perRequest: number }) {
    this.#perRequest = Math.min(limits.perRequest, limits.samples)
    this.#limit = limits.samples
  }

  get size(): number {
    return this.#size
  }

  /** Adds a sample; gives the number of old ones that were dropped for it. */
  push(sample: WriteSample): number {
    const dropped = this.#size >= this.#limit ? this.take().length : 0
    const last = this.#pieces.at(-1)
    if (last === undefined || last.length >= this.#perRequest) this.#pieces.push([sample])
    else last.push(sample)
    this.#size++
    return dropped
  }

  /** Takes the oldest piece off; empty when there is none. */
  take(): readonly WriteSample[] {
    const piece = this.#pieces.shift() ?? []
    this.#size -= piece.length
    return piece
  }

  /** Takes everything off; gives how many samples there were. */
  clear(): number {
    const { size } = this
    this.#pieces.length = 0
    this.#size = 0
    return size
  }
}
