import type { Blend } from '../blend.ts'
import type { Calibration } from '../conformal.ts'
import type { DeepArConfig } from './config.ts'

/** Held-back accuracy of the model and of seasonal naive, each series weighing the same. */
export interface ModelRecord {
  readonly macroWql: number
  readonly macroWqlSeasonalNaive: number
  readonly coverage: readonly number[]
  readonly heldBackWindows: number
  /** Series that were learned from. */
  readonly series: number
  readonly steps: number
  readonly seed: number
}

/** A trained model: what it is, its weights, and what was found out about it. Immutable. */
export interface DeepArModel {
  readonly config: DeepArConfig
  /** Flat, laid out as parameterSlots says. */
  readonly weights: Float32Array
  readonly calibration: Calibration
  readonly blend: Blend
  /** Texts of each static category, by index. */
  readonly categories: readonly (readonly string[])[]
  readonly record: ModelRecord
}
