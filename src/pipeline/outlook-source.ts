import type { AlarmOptions } from '../alarm/options.ts'
import { forecastSteps, type Outlook, type OutlookOf } from '../alarm/outlook.ts'
import { seedOf } from '../core/hash.ts'
import { Rng } from '../core/rng.ts'
import type { SeriesDetector } from './detector/contract.ts'

/** Paths that a crossing is counted on: a probability near one half is then known to within 0.04. */
const PATHS = 200

/** What all series of a task share of their alarms on forecasts. */
export interface OutlookPlan {
  readonly pipeline: string
  readonly periodMs: number
  readonly inputNames: readonly string[]
  /** Periods ahead that the furthest alarm looks; 0 without one. */
  readonly steps: number
  readonly dataRange: { readonly min?: number | undefined; readonly max?: number | undefined }
}

export function furthestSteps(alarms: readonly AlarmOptions[]): number {
  return Math.max(0, ...alarms.filter(({ on }) => on === 'forecast').map(forecastSteps))
}

/**
 * What alarms on forecasts may ask of a series at the end of a period: sample paths, seeded by pipeline, series, input and
 * period, so that a replay, another batch or another process draws the same ones. All alarms of an input share them, drawn
 * when the first one asks.
 */
export function outlookOf(
  plan: OutlookPlan,
  seriesKey: string,
  detector: Pick<SeriesDetector, 'outlook'>,
  timestampMs: number,
): OutlookOf {
  const { pipeline, periodMs, inputNames, steps, dataRange } = plan
  const drawn = new Map<number, Outlook | undefined>()
  const draw = (input: number): Outlook | undefined => {
    const rng = new Rng(seedOf('outlook', pipeline, seriesKey, String(input), String(timestampMs)))
    const request = { input, fromMs: timestampMs + periodMs, samples: PATHS, horizon: steps, rng }
    const paths = detector.outlook(request)
    if (paths === undefined) return undefined
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = dataRange
    return { paths: paths.map((value) => Math.max(min, Math.min(max, value))), samples: PATHS }
  }
  return (name) => {
    const input = name === undefined ? 0 : inputNames.indexOf(name)
    if (input < 0) return undefined
    if (!drawn.has(input)) drawn.set(input, draw(input))
    return drawn.get(input)
  }
}
