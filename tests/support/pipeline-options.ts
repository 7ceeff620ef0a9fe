import { alarmOptions } from '../../src/alarm/options.ts'
import { DECODE_DEFAULTS } from '../../src/decode/options.ts'
import type { AlarmRule, PipelineOptions } from '../../src/pipeline/options.ts'
import { WINDOW_DEFAULTS } from '../../src/window/options.ts'

export const MINUTE_MS = 60_000

/** A small pipeline without a detector: minutely averages, no lateness. */
export function pipelineOptions(changes: Partial<PipelineOptions> = {}): PipelineOptions {
  return {
    name: 'test',
    decode: { ...DECODE_DEFAULTS, format: 'json', maxFutureMs: Number.POSITIVE_INFINITY },
    select: { rules: [], dropLabels: [] },
    series: { limit: 1_000, onLimit: 'evict' },
    window: { ...WINDOW_DEFAULTS, periodMs: MINUTE_MS, latenessMs: 0 },
    join: undefined,
    detector: undefined,
    forecastEveryMs: undefined,
    alarms: [],
    composites: [],
    mutes: [],
    ...changes,
  }
}

/** A static threshold: ALARM when the value is above `threshold` in one period. */
export function thresholdAlarm(name: string, threshold: number, match: AlarmRule['match'] = {}): AlarmRule {
  const actions = { alarm: ['ops'], ok: ['ops'] }
  return { ...alarmOptions({ name, on: 'threshold', threshold, periodMs: MINUTE_MS, actions }), match }
}

/** A JSON record of one sample. */
export function jsonSample(name: string, labels: Record<string, string>, timestamp: number, value: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ name, labels, timestamp, value }))
}
