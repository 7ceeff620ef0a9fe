import { normalCdf, normalQuantile } from '../../core/special-functions.ts'
import { type Affine, type Likelihood, type Raw, sigmoid, softplus } from './likelihood.ts'

const SIGMA_MIN = 1e-4
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)
const sigmaOf = (raw: Raw, at: number) => Math.max(softplus(raw[at + 1]!), SIGMA_MIN)

/** Normal with raw outputs (location, c): sigma = max(softplus(c), 1e-4), in scaled units. */
export const gaussian: Likelihood = {
  name: 'gaussian',
  rawSize: 2,
  support: 'real',
  hasLocation: true,

  logLikelihood(raw: Raw, at: number, y: number, affine: Affine, gradient?: Raw): number {
    const sigma = sigmaOf(raw, at)
    const z = ((y - affine.location) / affine.scale - raw[at]!) / sigma
    if (gradient !== undefined) {
      gradient[at] = z / sigma
      gradient[at + 1] = sigma === SIGMA_MIN ? 0 : ((z * z - 1) / sigma) * sigmoid(raw[at + 1]!)
    }
    return -0.5 * z * z - Math.log(sigma * affine.scale) - HALF_LOG_TWO_PI
  },

  mean: (raw, at, affine) => affine.location + affine.scale * raw[at]!,
  deviation: (raw, at, affine) => affine.scale * sigmaOf(raw, at),
  degreesOfFreedom: () => Number.POSITIVE_INFINITY,
  quantile: (raw, at, affine, level) =>
    affine.location + affine.scale * (raw[at]! + sigmaOf(raw, at) * normalQuantile(level)),
  cdf: (raw, at, affine, y) => normalCdf(((y - affine.location) / affine.scale - raw[at]!) / sigmaOf(raw, at)),
  sample: (raw, at, affine, rng) => affine.location + affine.scale * (raw[at]! + sigmaOf(raw, at) * rng.normal()),
}
