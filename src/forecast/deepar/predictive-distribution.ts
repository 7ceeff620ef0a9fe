import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import type { Affine, LikelihoodName } from '../distribution/likelihood.ts'
import type { Prediction, TrainingState } from '../forecaster.ts'

/** The closed-form distribution of a series' next value: everything that a band, a score or an alarm may ask. */
export class PredictiveDistribution {
  readonly #likelihood
  readonly #raw: Float64Array
  readonly #affine: Affine

  /** `raw`: the likelihood's raw outputs; copied. */
  constructor(likelihood: LikelihoodName, raw: Float64Array, affine: Affine) {
    this.#likelihood = LIKELIHOOD_BY_NAME[likelihood]
    this.#raw = raw.slice(0, this.#likelihood.rawSize)
    this.#affine = affine
  }

  /** A copy of the raw outputs, from which the distribution can be made again. */
  get raw(): Float64Array {
    return this.#raw.slice()
  }

  get mean(): number {
    return this.#likelihood.mean(this.#raw, 0, this.#affine)
  }

  quantile(level: number): number {
    return this.#likelihood.quantile(this.#raw, 0, this.#affine, level)
  }

  /** The smaller of P(Y <= y) and P(Y >= y), twice: 1 in the middle, near 0 far out on either side. */
  tailProbability(y: number): number {
    const below = this.#likelihood.cdf(this.#raw, 0, this.#affine, y)
    const atOrAbove =
      this.#likelihood.support === 'count' ? 1 - this.#likelihood.cdf(this.#raw, 0, this.#affine, y - 1) : 1 - below
    return Math.min(1, 2 * Math.max(0, Math.min(below, atOrAbove)))
  }

  logLikelihood(y: number): number {
    return this.#likelihood.logLikelihood(this.#raw, 0, y, this.#affine)
  }

  /** As the pipeline's band takes it. */
  prediction(state: TrainingState): Prediction {
    return {
      expected: this.mean,
      // A point forecast knows no spread; the band's own calibration widens the least there is.
      deviation: Math.max(this.#likelihood.deviation(this.#raw, 0, this.#affine), Number.MIN_VALUE),
      degreesOfFreedom: this.#likelihood.degreesOfFreedom(this.#raw, 0),
      state,
      model: 'deepar',
    }
  }
}
