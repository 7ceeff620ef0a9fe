import type { Rng } from '../../core/rng.ts'
import type { Affine } from '../distribution/likelihood.ts'

/** Sample paths of one series: step h of path s is at [h * samples + s]. */
export type Paths = Float64Array

export interface PathSize {
  readonly samples: number
  readonly horizon: number
}

/** Where the paths of a series begin: after the step that predicts its first unknown value. */
export interface PathStart {
  /** Raw outputs of the first step's distribution, copies joined. */
  readonly raw: Float32Array | Float64Array
  /** State after that step, laid out as StepNetwork has it. */
  readonly state: Float32Array
  readonly affine: Affine
  readonly rng: Rng
  /**
   * Writes the inputs of step h (1 to horizon - 1), embeddings included, with any value in lags that reach into the
   * paths; what is drawn counts as observed.
   */
  write(h: number, out: Float32Array, at: number): void
}
