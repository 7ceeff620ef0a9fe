import type { QuantileForecast } from '../accuracy.ts'
import { type Frequency, mainSeason, seasonsOf } from '../frequency.ts'
import { seasonalNaive } from '../seasonal-naive.ts'
import { doubleSeasonal } from './double-seasonal.ts'
import { multiplicativeSeasonal } from './multiplicative-seasonal.ts'
import { recentValues } from './recent-values.ts'
import { samePhase } from './same-phase.ts'

/** Forecasts from a series' own history alone, without training. Their order is that of the shares in a model file. */
export const CLASSICS = [
  'seasonal-naive',
  'recent-values',
  'same-hour',
  'same-weekday-hour',
  'double-seasonal',
  'multiplicative-seasonal',
] as const
export type ClassicName = (typeof CLASSICS)[number]

/** The share of the shortest season within which two phases count as one: twenty minutes of a day. */
const PHASE_SHARE = 1 / 72

/** Forecasts of the classics for series of one frequency. */
export class Classics {
  readonly #season: number
  readonly #seasons: readonly number[]
  readonly #horizon: number
  readonly #levels: readonly number[]

  constructor(frequency: Frequency, horizon: number, levels: readonly number[]) {
    this.#season = mainSeason(frequency)
    this.#seasons = seasonsOf(frequency).filter((steps) => steps >= this.#season)
    this.#horizon = horizon
    this.#levels = levels
  }

  forecast(name: ClassicName, history: Float64Array): QuantileForecast {
    const horizon = this.#horizon
    const levels = this.#levels
    switch (name) {
      case 'seasonal-naive':
        return seasonalNaive(history, this.#season, horizon, levels)
      case 'recent-values':
        return recentValues(history, horizon, levels)
      case 'same-hour':
        return this.#samePhase(history, this.#seasons.slice(0, 1))
      case 'same-weekday-hour':
        return this.#samePhase(history, this.#seasons)
      case 'double-seasonal':
        return doubleSeasonal(history, this.#seasons, horizon, levels)
      case 'multiplicative-seasonal':
        return multiplicativeSeasonal(history, this.#seasons, horizon, levels)
    }
  }

  /** By the longest of the seasons that the history holds two of. */
  #samePhase(history: Float64Array, seasons: readonly number[]): QuantileForecast {
    const known = seasons.filter((steps, i) => i === 0 || 2 * steps < history.length).at(-1)
    if (known === undefined) return recentValues(history, this.#horizon, this.#levels)
    const reach = Math.max(1, Math.round(PHASE_SHARE * this.#seasons[0]!))
    return samePhase(history, known, reach, this.#horizon, this.#levels)
  }
}
