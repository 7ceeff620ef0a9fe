import { type Frequency, seasonsOf, stepMs } from './frequency.ts'

const around = (middle: number, reach: number): number[] =>
  Array.from({ length: 2 * reach + 1 }, (_, i) => middle - reach + i)

/** `cycles` multiples of a cycle of `steps` steps (a fraction allowed: it is rounded down), each with its neighbours. */
const multiples = (cycles: number, steps: number, reach: number): number[] =>
  Array.from({ length: cycles }, (_, k) => around(Math.floor((k + 1) * steps), reach)).flat()

const day = (perStep: number) => [...multiples(4, 7 / perStep, 1), ...around(Math.floor(30 / perStep), 1)]
const week = (perStep: number) => [
  ...multiples(3, 52 / perStep, 1),
  ...[4, 8, 12].map((weeks) => Math.floor(weeks / perStep)),
]

/**
 * GluonTS' lags of a frequency (get_lags_for_frequency): 1..7, then multiples of the cycles of the calendar with their
 * neighbours, none above `upperBound`. For minutes they hold no daily lag.
 */
export function calendarLags(frequency: Frequency, upperBound = 1200): readonly number[] {
  const m = frequency.multiple
  const groups: Readonly<Record<Frequency['unit'], () => number[]>> = {
    s: () => [...multiples(3, 60 / m, 2), ...multiples(3, 3600 / m, 2), ...multiples(7, 86_400 / m, 1)],
    min: () => [...multiples(3, 60 / m, 2), ...multiples(7, 1440 / m, 1), ...day(m / 1440), ...week(m / 10_080)],
    h: () => [...multiples(7, 24 / m, 1), ...day(m / 24), ...week(m / 168)],
    D: () => [...day(m), ...week(m / 7)],
    W: () => week(m),
    M: () => multiples(3, 12 / m, 1),
  }
  const lags = groups[frequency.unit]().filter((lag) => lag > 7 && lag <= upperBound)
  return [1, 2, 3, 4, 5, 6, 7, ...[...new Set(lags)].sort((a, b) => a - b)]
}

/** Longer lags would make every series in a stream hold a longer past than its other state by far. */
export const LAG_MAX = 3000

/** How many multiples of a season a model looks back on, shortest season first. */
const SEASON_REPEATS = [6, 4, 1] as const

/**
 * The lags that a model gets when none are given: 1..7 and multiples of the frequency's seasons with their neighbours,
 * as far as `longestPast` values are there to look back on. Minutes get their day, seconds their hour.
 */
export function defaultLags(frequency: Frequency, longestPast: number): readonly number[] {
  const seasons = seasonsOf(frequency).filter((season) => season <= longestPast)
  const lags = seasons.flatMap((season, i) => multiples(SEASON_REPEATS[i] ?? 1, season, season > 7 ? 1 : 0))
  const recent = [1, 2, 3, 4, 5, 6, 7]
  const known = Number.isNaN(stepMs(frequency)) ? [...lags, 11, 12, 13] : lags
  return [...new Set([...recent, ...known])]
    .filter((lag) => lag <= Math.min(LAG_MAX, Math.max(longestPast, 1)))
    .sort((a, b) => a - b)
}
