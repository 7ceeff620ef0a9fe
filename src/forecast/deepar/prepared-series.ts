import type { Affine } from '../distribution/likelihood.ts'
import { RollingScaler } from '../scaler.ts'
import type { DeepArConfig } from './config.ts'

/** One series as it is read: NaN where a value is missing. */
export interface SeriesInput {
  readonly itemId: string
  /** Time of the first value. */
  readonly startMs: number
  readonly target: Float64Array
  /** Index of each static category; as many as the model has cardinalities. */
  readonly categories: readonly number[]
  /** Known covariates, each at least as long as the target, and the horizon beyond it where it is forecast. */
  readonly dynamic: readonly Float64Array[]
}

/** A series ready for windows to be cut from it. */
export interface PreparedSeries {
  readonly source: SeriesInput
  /** Missing values replaced: the value a season before, else the last one seen, else 0. */
  readonly filled: Float64Array
  readonly observed: Uint8Array
  readonly length: number
  affineAt(end: number): Affine
}

/** Replaces what is missing by the value one season before, else by the last one, else by the first one that is seen. */
export function fillMissing(target: Float64Array, season: number): { filled: Float64Array; observed: Uint8Array } {
  const filled = new Float64Array(target.length)
  const observed = new Uint8Array(target.length)
  let last = target.find((value) => Number.isFinite(value)) ?? 0
  const firstSeen = target.findIndex((value) => Number.isFinite(value))
  for (let i = 0; i < target.length; i++) {
    const value = target[i]!
    if (Number.isFinite(value)) {
      observed[i] = 1
      filled[i] = value
      last = value
    } else {
      filled[i] = i - season >= firstSeen && firstSeen >= 0 ? filled[i - season]! : last
    }
  }
  return { filled, observed }
}

export function prepareSeries(source: SeriesInput, config: DeepArConfig, season: number): PreparedSeries {
  const { filled, observed } = fillMissing(source.target, season)
  const scaler = new RollingScaler(filled, observed, config.scaling, config.scaleWindow)
  return { source, filled, observed, length: filled.length, affineAt: (end) => scaler.at(end) }
}
