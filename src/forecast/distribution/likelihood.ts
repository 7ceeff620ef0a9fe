import type { Rng } from '../../core/rng.ts'

export const LIKELIHOODS = ['student-t', 'gaussian', 'negative-binomial', 'beta', 'deterministic-l1'] as const
export type LikelihoodName = (typeof LIKELIHOODS)[number]

/** An affine map from the network's units to the series' own: y = location + scale x, scale > 0. */
export interface Affine {
  readonly location: number
  readonly scale: number
}

/** The network's raw outputs of one step, or a row of many: parameter k of the row is at `at + k`. */
export type Raw = Float32Array | Float64Array

/**
 * A family of predictive distributions: how raw network outputs become parameters, and what can be asked of them.
 * Values and quantiles are in the units of the series; gradients are with respect to the raw outputs.
 */
export interface Likelihood {
  readonly name: LikelihoodName
  /** Raw outputs a step; the first is the location, or what stands in its place. */
  readonly rawSize: number
  /** The values it can give a probability: any, whole numbers from 0, or the open interval (0, 1). */
  readonly support: 'real' | 'count' | 'unit'
  /** Whether the location can be moved by adding to raw output 0. */
  readonly hasLocation: boolean
  /** ln p(y). Where `gradient` is given, d ln p / d raw[k] is written at `gradient[at + k]`. */
  logLikelihood(raw: Raw, at: number, y: number, affine: Affine, gradient?: Raw): number
  mean(raw: Raw, at: number, affine: Affine): number
  /** Standard deviation; 0 for a point forecast. */
  deviation(raw: Raw, at: number, affine: Affine): number
  /** Degrees of freedom of the tails: finite for a Student-t only. */
  degreesOfFreedom(raw: Raw, at: number): number
  quantile(raw: Raw, at: number, affine: Affine, level: number): number
  /** P(Y <= y). */
  cdf(raw: Raw, at: number, affine: Affine, y: number): number
  sample(raw: Raw, at: number, affine: Affine, rng: Rng): number
}

/** ln(1 + e^x) without overflow. */
export function softplus(x: number): number {
  return x > 30 ? x : x < -30 ? Math.exp(x) : Math.log1p(Math.exp(x))
}

/** The derivative of softplus. */
export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))
}
