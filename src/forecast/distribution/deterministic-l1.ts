import type { Affine, Likelihood, Raw } from './likelihood.ts'

/**
 * A point forecast trained on the absolute error: one raw output, the location. Its "log-likelihood" is the negative
 * absolute error in scaled units; quantiles and samples are the point itself.
 */
export const deterministicL1: Likelihood = {
  name: 'deterministic-l1',
  rawSize: 1,
  support: 'real',
  hasLocation: true,

  logLikelihood(raw: Raw, at: number, y: number, affine: Affine, gradient?: Raw): number {
    const error = (y - affine.location) / affine.scale - raw[at]!
    if (gradient !== undefined) gradient[at] = Math.sign(error)
    return -Math.abs(error)
  },

  mean: (raw, at, affine) => affine.location + affine.scale * raw[at]!,
  deviation: () => 0,
  degreesOfFreedom: () => Number.POSITIVE_INFINITY,
  quantile: (raw, at, affine) => affine.location + affine.scale * raw[at]!,
  cdf: (raw, at, affine, y) => (y >= affine.location + affine.scale * raw[at]! ? 1 : 0),
  sample: (raw, at, affine) => affine.location + affine.scale * raw[at]!,
}
