import { betaI, digamma, lgamma } from '../../core/special-functions.ts'
import { type Affine, type Likelihood, type Raw, sigmoid, softplus } from './likelihood.ts'
import { sampleGamma, samplePoisson } from './random-variates.ts'

/** Held away from 0, where the mean's logarithm and the Poisson limit's 1 / alpha have no value. */
const PARAMETER_MIN = 1e-6

const meanOf = (raw: Raw, at: number, scale: number) => scale * Math.max(softplus(raw[at]!), PARAMETER_MIN)
const alphaOf = (raw: Raw, at: number, scale: number) =>
  Math.max(softplus(raw[at + 1]!), PARAMETER_MIN) / Math.sqrt(scale)

function cdfAt(mean: number, alpha: number, k: number): number {
  if (k < 0) return 0
  const r = 1 / alpha
  return betaI(r, Math.floor(k) + 1, r / (r + mean))
}

/**
 * Negative binomial for counts, as in the DeepAR paper (Salinas et al. 2020, section 3.1): mu = scale softplus(o1),
 * alpha = softplus(o2) / sqrt(scale), variance mu + alpha mu^2. Raw outputs (o1, o2).
 */
export const negativeBinomial: Likelihood = {
  name: 'negative-binomial',
  rawSize: 2,
  support: 'count',
  hasLocation: false,

  logLikelihood(raw: Raw, at: number, y: number, affine: Affine, gradient?: Raw): number {
    const mu = meanOf(raw, at, affine.scale)
    const alpha = alphaOf(raw, at, affine.scale)
    const r = 1 / alpha
    const logOne = Math.log1p(alpha * mu)
    if (gradient !== undefined) {
      gradient[at] = ((y - mu) / (mu * (1 + alpha * mu))) * affine.scale * sigmoid(raw[at]!)
      const dAlpha = r * r * (digamma(r) - digamma(y + r) + logOne) + (y - mu) / (alpha * (1 + alpha * mu))
      gradient[at + 1] = (dAlpha * sigmoid(raw[at + 1]!)) / Math.sqrt(affine.scale)
    }
    return lgamma(y + r) - lgamma(y + 1) - lgamma(r) - (r + y) * logOne + y * Math.log(alpha * mu)
  },

  mean: (raw, at, affine) => meanOf(raw, at, affine.scale),

  deviation(raw, at, affine) {
    const mu = meanOf(raw, at, affine.scale)
    return Math.sqrt(mu + alphaOf(raw, at, affine.scale) * mu * mu)
  },

  degreesOfFreedom: () => Number.POSITIVE_INFINITY,

  /** The smallest count whose cumulated probability reaches the level: doubling, then bisection. */
  quantile(raw, at, affine, level) {
    const mu = meanOf(raw, at, affine.scale)
    const alpha = alphaOf(raw, at, affine.scale)
    let low = -1
    let high = 1
    while (cdfAt(mu, alpha, high) < level && high < 2 ** 50) high *= 2
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (cdfAt(mu, alpha, middle) < level) low = middle
      else high = middle
    }
    return high
  },

  cdf: (raw, at, affine, y) => cdfAt(meanOf(raw, at, affine.scale), alphaOf(raw, at, affine.scale), y),

  sample(raw, at, affine, rng) {
    const alpha = alphaOf(raw, at, affine.scale)
    return samplePoisson(rng, sampleGamma(rng, 1 / alpha) * alpha * meanOf(raw, at, affine.scale))
  },
}
