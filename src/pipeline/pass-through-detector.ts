import type { ScoredPoint } from '../band/scored-point.ts'
import type { PeriodPoint, SeriesDetector } from './detector/contract.ts'

/** Stands where a pipeline has no detector: points carry the value and nothing is learned. */
export class PassThroughDetector implements SeriesDetector {
  readonly byteSize = 0
  readonly #inputs: readonly string[]

  constructor(inputs: readonly string[]) {
    this.#inputs = inputs
  }

  step(point: PeriodPoint): ScoredPoint {
    const missing = point.observed.every((seen) => seen === 0)
    return {
      timestampMs: point.timestampMs,
      inputs: this.#inputs.map((name, i) => ({
        name,
        value: point.values[i] ?? Number.NaN,
        observed: point.observed[i] === 1,
        expected: Number.NaN,
        lower: Number.NaN,
        upper: Number.NaN,
      })),
      score: 0,
      grade: 0,
      confidence: 0,
      reason: missing ? 'missing' : 'learning',
      state: 'PENDING_TRAINING',
      model: 'seasonal-baseline',
      attribution: [],
    }
  }

  feedback(): void {}

  outlook(): undefined {}

  snapshot(): Uint8Array {
    return new Uint8Array(0)
  }

  dispose(): void {}
}
