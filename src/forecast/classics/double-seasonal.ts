import type { QuantileForecast } from '../accuracy.ts'
import { sortedQuantile } from '../quantiles.ts'
import { winsorBounds } from '../scaler.ts'

/** Shares of an error that level, season and longer season take; what is left of the last error a step later. */
interface Smoothing {
  readonly level: number
  readonly season: number
  readonly longer: number
  readonly carried: number
}

const FIRST_TRIED: Smoothing = { level: 0.02, season: 0.12, longer: 0.15, carried: 0.6 }

/** What is tried for level and remainder first, then for the seasons with the best of those. */
const LEVELS = [0.003, 0.02, 0.1, 0.4].flatMap((level) => [0, 0.6, 0.9].map((carried) => ({ level, carried })))
const SEASONS = [0.03, 0.12, 0.35].flatMap((season) => [0, 0.15, 0.35].map((longer) => ({ season, longer })))

/** Past points from which whole horizons are forecast, to choose the smoothing and to learn the errors' sizes. */
const ORIGINS = 16

/** A season must have been seen so often to be believed. */
const SEASONS_SEEN = 2.5

/** The past that is smoothed over, in longest seasons, and at least. */
const PAST_SEASONS = 4
const PAST_MIN = 2000

/** How much of a bias of the past errors is taken out of the forecast. */
const BIAS_BELIEVED = 0.7

/** Errors of steps from this share of a step's distance to this one are taken together with its own. */
const ALIKE_FROM = 0.6
const ALIKE_TO = 1.6

type Seasons = readonly [season: number, longer: number]

/** Hears the forecast of step `h` made with all values before `origin`. */
type Listener = (origin: number, h: number, value: number) => void

/** The state before the first step: means of the first whole season, deviations from them by phase. */
function begin(values: Float64Array, [season, longer]: Seasons) {
  const whole = Math.min(values.length, longer > 0 ? longer : 2 * season)
  const first = values.subarray(0, whole)
  const seen = first.filter((value) => Number.isFinite(value))
  const level = seen.length === 0 ? 0 : seen.reduce((sum, value) => sum + value, 0) / seen.length
  const short = new Float64Array(season)
  const counts = new Float64Array(season)
  const long = new Float64Array(Math.max(1, longer))
  first.forEach((value, t) => {
    if (!Number.isFinite(value)) return
    const phase = t % season
    counts[phase] = counts[phase]! + 1
    short[phase] = short[phase]! + (value - level - short[phase]!) / counts[phase]!
  })
  if (longer > 0)
    first.forEach((value, t) => {
      if (Number.isFinite(value)) long[t] = (value - level - short[t % season]!) / 2
    })
  return { level, short, long }
}

/** Smooths over the values once; at each origin the whole horizon is told. */
function roll(
  values: Float64Array,
  [season, longer]: Seasons,
  by: Smoothing,
  origins: ReadonlySet<number>,
  horizon: number,
  tell: Listener,
): void {
  const { short, long, level: start } = begin(values, [season, longer])
  const period = long.length
  let level = start
  let last = 0
  for (let t = 0; t <= values.length; t++) {
    if (origins.has(t)) {
      let left = by.carried * last
      for (let h = 0; h < horizon; h++, left *= by.carried)
        tell(t, h, level + short[(t + h) % season]! + long[(t + h) % period]! + left)
    }
    const value = values[t]
    if (value === undefined || !Number.isFinite(value)) {
      last *= by.carried
      continue
    }
    const phase = t % season
    const place = t % period
    const expected = level + short[phase]! + long[place]!
    const error = value - expected - by.carried * last
    level += by.level * error
    short[phase] = short[phase]! + by.season * error
    if (longer > 0) long[place] = long[place]! + by.longer * error
    last = value - expected
  }
}

function originsOf(length: number, [season, longer]: Seasons, horizon: number): ReadonlySet<number> {
  const first = Math.min(length - horizon, Math.max(longer > 0 ? longer : 2 * season, Math.floor(length / 2)))
  const origins = Array.from({ length: ORIGINS }, (_, i) =>
    Math.round(length - horizon - (i * (length - horizon - first)) / ORIGINS),
  )
  return new Set(origins.filter((origin) => origin > 1))
}

function bestSmoothing(values: Float64Array, seasons: Seasons, origins: ReadonlySet<number>, horizon: number) {
  const lossOf = (by: Smoothing) => {
    let sum = 0
    roll(values, seasons, by, origins, horizon, (origin, h, value) => {
      const error = Math.abs(values[origin + h]! - value)
      if (Number.isFinite(error)) sum += error
    })
    return sum
  }
  const best = (tried: readonly Smoothing[]) =>
    tried.map((by) => ({ by, loss: lossOf(by) })).reduce((one, other) => (other.loss < one.loss ? other : one)).by
  const first = seasons[1] === 0 ? { ...FIRST_TRIED, longer: 0 } : FIRST_TRIED
  const levelled = best(LEVELS.map((level) => ({ ...first, ...level })))
  return best(SEASONS.filter(({ longer }) => seasons[1] > 0 || longer === 0).map((own) => ({ ...levelled, ...own })))
}

/** One spike would lift the level for long, so outliers are drawn in. */
function withoutSpikes(values: Float64Array): Float64Array {
  const [low, high] = winsorBounds(
    values,
    Float64Array.from(values, (value) => (Number.isFinite(value) ? 1 : 0)),
  )
  return values.map((value) => Math.min(high, Math.max(low, value)))
}

/**
 * Exponential smoothing of level, season and a longer season, additive, with what is left of the last error (Taylor
 * 2003). The smoothing is the one that forecast whole horizons best from past origins; the quantiles are those of the errors
 * made there. `seasons`: shortest first; those that were seen too seldom are left out.
 */
export function doubleSeasonal(
  history: Float64Array,
  seasons: readonly number[],
  horizon: number,
  levels: readonly number[],
): QuantileForecast {
  const known = seasons.filter((steps) => history.length >= SEASONS_SEEN * steps)
  const pair: Seasons = [known[0] ?? 1, known[1] ?? 0]
  const kept = Math.max(PAST_MIN, PAST_SEASONS * Math.max(...pair))
  const values = withoutSpikes(history.subarray(Math.max(0, history.length - kept)))
  const origins = originsOf(values.length, pair, horizon)
  const by = bestSmoothing(values, pair, origins, horizon)
  const errors: number[][] = Array.from({ length: horizon }, () => [])
  const mean = new Float64Array(horizon)
  roll(values, pair, by, new Set([...origins, values.length]), horizon, (origin, h, value) => {
    if (origin === values.length) mean[h] = value
    else if (Number.isFinite(values[origin + h])) errors[h]!.push(values[origin + h]! - value)
  })
  const quantiles = levels.map(() => new Float64Array(horizon))
  for (let h = 0; h < horizon; h++) {
    const alike = errors.slice(Math.max(0, Math.floor(ALIKE_FROM * h) - 1), Math.ceil(ALIKE_TO * h) + 3).flat()
    const sorted = Float64Array.from(alike).sort()
    const bias = sorted.length === 0 ? 0 : sortedQuantile(sorted, 0.5)
    levels.forEach((level, i) => {
      const away = sorted.length === 0 ? 0 : sortedQuantile(sorted, level) - (1 - BIAS_BELIEVED) * bias
      quantiles[i]![h] = mean[h]! + away
    })
  }
  return { levels, quantiles, mean }
}
