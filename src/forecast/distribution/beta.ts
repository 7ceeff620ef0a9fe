import { betaI, digamma, lgamma } from '../../core/special-functions.ts'
import { type Likelihood, type Raw, sigmoid, softplus } from './likelihood.ts'
import { sampleGamma } from './random-variates.ts'

/** Values at the ends of the interval, where the density is 0 or infinite, are moved inside by this much. */
const INSIDE = 1e-4
const PARAMETER_MIN = 1e-3

const first = (raw: Raw, at: number) => Math.max(softplus(raw[at]!), PARAMETER_MIN)
const second = (raw: Raw, at: number) => Math.max(softplus(raw[at + 1]!), PARAMETER_MIN)
const inside = (y: number) => Math.min(1 - INSIDE, Math.max(INSIDE, y))

/**
 * Beta for ratios between 0 and 1: both shape parameters are the softplus of a raw output. It knows no scale: the
 * values are what they are. 0 and 1 themselves count as 0.0001 and 0.9999.
 */
export const beta: Likelihood = {
  name: 'beta',
  rawSize: 2,
  support: 'unit',
  hasLocation: false,

  logLikelihood(raw, at, y, _affine, gradient?: Raw): number {
    const a = first(raw, at)
    const b = second(raw, at)
    const x = inside(y)
    const both = digamma(a + b)
    if (gradient !== undefined) {
      gradient[at] = (both - digamma(a) + Math.log(x)) * sigmoid(raw[at]!)
      gradient[at + 1] = (both - digamma(b) + Math.log1p(-x)) * sigmoid(raw[at + 1]!)
    }
    return lgamma(a + b) - lgamma(a) - lgamma(b) + (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x)
  },

  mean: (raw, at) => first(raw, at) / (first(raw, at) + second(raw, at)),

  deviation(raw, at) {
    const a = first(raw, at)
    const b = second(raw, at)
    return Math.sqrt((a * b) / (a + b + 1)) / (a + b)
  },

  degreesOfFreedom: () => Number.POSITIVE_INFINITY,

  quantile(raw, at, _affine, level) {
    const a = first(raw, at)
    const b = second(raw, at)
    let low = 0
    let high = 1
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2
      if (betaI(a, b, middle) < level) low = middle
      else high = middle
    }
    return (low + high) / 2
  },

  cdf: (raw, at, _affine, y) => betaI(first(raw, at), second(raw, at), y),

  sample(raw, at, _affine, rng) {
    const a = sampleGamma(rng, first(raw, at))
    const b = sampleGamma(rng, second(raw, at))
    // Both shapes near 0 can underflow together; the middle is then as good as either end.
    return a + b > 0 ? a / (a + b) : 0.5
  },
}
