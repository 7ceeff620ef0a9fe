import { NO_ATTRIBUTION, type ScoredInput, type ScoredPoint } from '../band/scored-point.ts'
import type { PeriodPoint, SeriesDetector } from './detector/contract.ts'

/** Stands where a pipeline has no detector: points carry the value and nothing is learned. */
export class PassThroughDetector implements SeriesDetector {
  readonly byteSize = 0
  readonly #inputs: readonly string[]

  constructor(inputs: readonly string[]) {
    this.#inputs = inputs
  }

  step(point: PeriodPoint): ScoredPoint {
    const { values, observed } = point
    const inputs: ScoredInput[] = []
    let missing = true
    for (let i = 0; i < this.#inputs.length; i++) {
      if (observed[i] === 1) missing = false
      inputs.push({
        name: this.#inputs[i] ?? '',
        value: values[i] ?? Number.NaN,
        observed: observed[i] === 1,
        expected: Number.NaN,
        lower: Number.NaN,
        upper: Number.NaN,
      })
    }
    return {
      timestampMs: point.timestampMs,
      inputs,
      score: 0,
      grade: 0,
      confidence: 0,
      reason: missing ? 'missing' : 'learning',
      state: 'PENDING_TRAINING',
      model: 'seasonal-baseline',
      attribution: NO_ATTRIBUTION,
    }
  }

  feedback(): void {}

  outlook(): undefined {}

  snapshot(): Uint8Array {
    return new Uint8Array(0)
  }

  dispose(): void {}
}
