import type { ScoredInput, ScoredPoint } from '../../src/band/scored-point.ts'

export const PERIOD_MS = 60_000
/** 2026-03-02T10:00:00Z, a Monday. */
export const START_MS = Date.UTC(2026, 2, 2, 10)

/** A point of one input, inside its band and of grade 0 unless told otherwise; `period` counts from START_MS. */
export function scoredPoint(
  period: number,
  point: Partial<Omit<ScoredPoint, 'inputs'>> = {},
  input: Partial<ScoredInput> = {},
): ScoredPoint {
  return {
    timestampMs: START_MS + period * PERIOD_MS,
    inputs: [{ name: 'cpu', value: 10, observed: true, expected: 10, lower: 5, upper: 15, ...input }],
    score: 0.5,
    grade: 0,
    confidence: 1,
    reason: 'normal',
    state: 'TRAINED',
    model: 'seasonal-baseline',
    attribution: [],
    ...point,
  }
}

/** A period without data. */
export function missingPoint(period: number): ScoredPoint {
  return scoredPoint(period, { reason: 'missing' }, { value: Number.NaN, observed: false })
}

/** One point for each letter: O fine, X above the band, - missing. */
export function pointsOf(pattern: string, firstPeriod = 0): ScoredPoint[] {
  return [...pattern].map((letter, i) => {
    const period = firstPeriod + i
    if (letter === '-') return missingPoint(period)
    return letter === 'X'
      ? scoredPoint(period, { grade: 0.8, reason: 'anomalous_value' }, { value: 20 })
      : scoredPoint(period)
  })
}
