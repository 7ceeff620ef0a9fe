import { compare } from './compare.ts'
import type { AlarmOptions } from './options.ts'

/** Sample paths of one input's next periods: step h of path s is at [h * samples + s], in the units of the input. */
export interface Outlook {
  readonly paths: Float64Array
  readonly samples: number
}

/**
 * Gives the paths of an input (undefined: the first) from the period after the one that was just closed; undefined while
 * nothing is known yet. Asked only when an alarm is due.
 */
export type OutlookOf = (input: string | undefined) => Outlook | undefined

/** Periods ahead that an alarm on a forecast looks at. */
export function forecastSteps({ within, periodMs }: Pick<AlarmOptions, 'within' | 'periodMs'>): number {
  return Math.max(1, Math.floor(within / periodMs))
}

/** Whether a forecast is asked for at the end of this period: once in every `every` of event time, the same in a replay. */
export function isForecastDue(timestampMs: number, { every, periodMs }: AlarmOptions): boolean {
  return Math.floor((timestampMs + periodMs) / every) !== Math.floor(timestampMs / every)
}

/** The share of the paths that cross the alarm's threshold at least once within its horizon. */
export function crossingProbability({ paths, samples }: Outlook, options: AlarmOptions): number {
  const end = Math.min(paths.length, forecastSteps(options) * samples)
  let crossing = 0
  for (let s = 0; s < samples; s++) {
    for (let at = s; at < end; at += samples) {
      if (!compare(paths[at] ?? Number.NaN, options.operator, options.threshold, options.threshold)) continue
      crossing++
      break
    }
  }
  return crossing / samples
}
