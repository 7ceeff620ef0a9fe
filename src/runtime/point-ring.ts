import { type Attribution, GRADE_REASONS, NO_ATTRIBUTION, type ScoredPoint } from '../band/scored-point.ts'
import type { TimeRange } from '../core/sample.ts'
import type { InputPoint, PointView } from './views.ts'

/** Columns of one point: timestamp, score, grade, confidence, reason's index, then five of each input. */
const HEAD = 5
/** value, observed (1 or 0), expected, lower, upper. */
const PER_INPUT = 5
const CAPACITY_FIRST = 16
/** Shares of a score that are kept for people to look at. */
const SHARES_KEPT = 24

const known = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : value

/** The newest points of one series in one flat array: it grows up to its capacity, then the oldest are overwritten. */
export class PointRing {
  readonly #capacity: number
  readonly #inputs: number
  readonly #stride: number
  #cells: Float64Array
  /** By slot; few points are anomalous. */
  readonly #attributions = new Map<number, readonly Attribution[]>()
  #next = 0
  #size = 0

  constructor(capacity: number, inputs: number) {
    this.#capacity = capacity
    this.#inputs = inputs
    this.#stride = HEAD + PER_INPUT * inputs
    this.#cells = new Float64Array(Math.min(capacity, CAPACITY_FIRST) * this.#stride)
  }

  get inputs(): number {
    return this.#inputs
  }

  get size(): number {
    return this.#size
  }

  push(point: ScoredPoint): void {
    this.#grow()
    const at = this.#next * this.#stride
    const cells = this.#cells
    cells[at] = point.timestampMs
    cells[at + 1] = point.score
    cells[at + 2] = point.grade
    cells[at + 3] = point.confidence
    cells[at + 4] = GRADE_REASONS.indexOf(point.reason)
    let cell = at + HEAD
    for (const input of point.inputs) {
      cells[cell] = input.value
      cells[cell + 1] = input.observed ? 1 : 0
      cells[cell + 2] = input.expected
      cells[cell + 3] = input.lower
      cells[cell + 4] = input.upper
      cell += PER_INPUT
    }
    if (point.attribution.length > 0) this.#attributions.set(this.#next, largest(point.attribution))
    else if (this.#attributions.size > 0) this.#attributions.delete(this.#next)
    const slots = cells.length / this.#stride
    this.#next = (this.#next + 1) % slots
    this.#size = Math.min(this.#size + 1, slots)
  }

  /** The newest `limit` points inside the range, oldest first. */
  read(range: TimeRange, limit: number): PointView[] {
    const points: PointView[] = []
    const slots = this.#cells.length / this.#stride
    for (let back = 1; back <= this.#size && points.length < limit; back++) {
      const at = ((this.#next - back + slots) % slots) * this.#stride
      const timestampMs = this.#cells[at] ?? 0
      if (timestampMs >= range.startMs && timestampMs < range.endMs) points.push(this.#view(at))
    }
    return points.reverse()
  }

  #view(at: number): PointView {
    const cells = this.#cells
    const inputs: InputPoint[] = []
    for (let i = 0; i < this.#inputs; i++) {
      const cell = at + HEAD + i * PER_INPUT
      inputs.push({
        value: known(cells[cell]),
        observed: cells[cell + 1] === 1,
        expected: known(cells[cell + 2]),
        lower: known(cells[cell + 3]),
        upper: known(cells[cell + 4]),
      })
    }
    return {
      timestampMs: cells[at] ?? 0,
      score: cells[at + 1] ?? 0,
      grade: cells[at + 2] ?? 0,
      confidence: cells[at + 3] ?? 0,
      reason: GRADE_REASONS[cells[at + 4] ?? 0] ?? 'normal',
      inputs,
      attribution: this.#attributions.get(at / this.#stride) ?? NO_ATTRIBUTION,
    }
  }

  /** Doubles the array while it is full and below capacity: until then nothing was overwritten, so order is kept. */
  #grow(): void {
    const slots = this.#cells.length / this.#stride
    if (this.#size < slots || slots >= this.#capacity) return
    const grown = new Float64Array(Math.min(this.#capacity, slots * 2) * this.#stride)
    grown.set(this.#cells)
    this.#cells = grown
    this.#next = slots
  }
}

const largest = (attribution: readonly Attribution[]): readonly Attribution[] =>
  [...attribution].sort((a, b) => b.share - a.share).slice(0, SHARES_KEPT)
