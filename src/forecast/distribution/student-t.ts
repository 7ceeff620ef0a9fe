import type { Rng } from '../../core/rng.ts'
import { digamma, lgamma, studentTCdf, studentTQuantile } from '../../core/special-functions.ts'
import { type Affine, type Likelihood, type Raw, sigmoid, softplus } from './likelihood.ts'
import { sampleStudentT } from './random-variates.ts'

/** Below this the scale is held, so that a series that repeats itself cannot drive the density to infinity. */
export const SIGMA_MIN = 1e-4

const degrees = (raw: Raw, at: number) => 2 + softplus(raw[at + 1]!)
const sigmaOf = (raw: Raw, at: number) => Math.max(softplus(raw[at + 2]!), SIGMA_MIN)

/**
 * Student-t with raw outputs (location, a, c): df = 2 + softplus(a), sigma = max(softplus(c), 1e-4), in scaled units.
 * Heavy tails make it the sane choice for metrics: one spike costs the logarithm of its size.
 */
export const studentT: Likelihood = {
  name: 'student-t',
  rawSize: 3,
  support: 'real',
  hasLocation: true,

  logLikelihood(raw: Raw, at: number, y: number, affine: Affine, gradient?: Raw): number {
    const df = degrees(raw, at)
    const sigma = sigmaOf(raw, at)
    const z = ((y - affine.location) / affine.scale - raw[at]!) / sigma
    const half = (df + 1) / 2
    const ratio = (z * z) / df
    const logOne = Math.log1p(ratio)
    if (gradient !== undefined) {
      const pull = ((df + 1) * z) / (df + z * z)
      gradient[at] = pull / sigma
      const dDf = 0.5 * (digamma(half) - digamma(df / 2) - 1 / df - logOne + (half * 2 * ratio) / (df * (1 + ratio)))
      gradient[at + 1] = dDf * sigmoid(raw[at + 1]!)
      gradient[at + 2] = sigma === SIGMA_MIN ? 0 : ((z * pull - 1) / sigma) * sigmoid(raw[at + 2]!)
    }
    return lgamma(half) - lgamma(df / 2) - 0.5 * Math.log(Math.PI * df) - Math.log(sigma * affine.scale) - half * logOne
  },

  mean: (raw, at, affine) => affine.location + affine.scale * raw[at]!,

  deviation(raw, at, affine) {
    const df = degrees(raw, at)
    // At df -> 2 the variance is infinite: a band of so many deviations would be of no use, so df is held above 2.1.
    const held = Math.max(df, 2.1)
    return affine.scale * sigmaOf(raw, at) * Math.sqrt(held / (held - 2))
  },

  degreesOfFreedom: degrees,

  quantile: (raw, at, affine, level) =>
    affine.location + affine.scale * (raw[at]! + sigmaOf(raw, at) * studentTQuantile(level, degrees(raw, at))),

  cdf: (raw, at, affine, y) =>
    studentTCdf(((y - affine.location) / affine.scale - raw[at]!) / sigmaOf(raw, at), degrees(raw, at)),

  sample(raw, at, affine, rng: Rng) {
    const t = sampleStudentT(rng, degrees(raw, at))
    return affine.location + affine.scale * (raw[at]! + sigmaOf(raw, at) * t)
  },
}
