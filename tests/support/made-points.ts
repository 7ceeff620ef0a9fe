import type { ScoredInput, ScoredPoint } from '../../src/band/scored-point.ts'
import type { ShownAlarm } from '../../src/runtime/alarm-board.ts'

/** A scored point as a detector would give it; say only what the test is about. */
export function madePoint(over: Partial<ScoredPoint> & { readonly value?: number } = {}): ScoredPoint {
  const { value = 10, ...rest } = over
  return {
    timestampMs: 60_000,
    inputs: [madeInput({ value })],
    score: 0.5,
    grade: 0,
    confidence: 0.9,
    reason: 'normal',
    state: 'TRAINED',
    model: 'seasonal-baseline',
    attribution: [],
    ...rest,
  }
}

export function madeInput(over: Partial<ScoredInput> = {}): ScoredInput {
  return { name: 'value', value: 10, observed: true, expected: 9.5, lower: 8, upper: 11, ...over }
}

export function madeAlarm(over: Partial<ShownAlarm> = {}): ShownAlarm {
  return {
    alarm: 'high',
    state: 'OK',
    sinceMs: 1,
    reason: 'because',
    reasonCode: 'threshold_not_crossed',
    reasonData: { version: '1.0', queryDate: '1970-01-01T00:00:00.001Z', triggeringAlarms: [] },
    ...over,
  }
}
