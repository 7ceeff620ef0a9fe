import type { Rng } from '../../core/rng.ts'
import { lgamma } from '../../core/special-functions.ts'

/**
 * Gamma with the given shape and scale 1 (Marsaglia and Tsang 2000, "A simple method for generating gamma variables");
 * shapes below 1 by their boost U^(1 / shape).
 */
export function sampleGamma(rng: Rng, shape: number): number {
  if (shape < 1) return sampleGamma(rng, shape + 1) * (1 - rng.uniform()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = rng.normal()
    const root = 1 + c * x
    if (root <= 0) continue
    const v = root * root * root
    const u = 1 - rng.uniform()
    if (u < 1 - 0.0331 * x * x * x * x || Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v
  }
}

/** Above this a Poisson is rounded from a normal: its relative error is below that of the forecast by far. */
const NORMAL_FROM = 1e9

/**
 * Poisson: by multiplication below a mean of 10, else Hörmann's transformed rejection (PTRS, 1993).
 */
export function samplePoisson(rng: Rng, mean: number): number {
  if (!(mean > 0)) return 0
  if (mean < 10) {
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = rng.uniform(); product > limit; product *= rng.uniform()) count++
    return count
  }
  if (mean > NORMAL_FROM) return Math.round(mean + Math.sqrt(mean) * rng.normal())
  const root = Math.sqrt(mean)
  const b = 0.931 + 2.53 * root
  const a = -0.059 + 0.02483 * b
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
  const squeeze = 0.9277 - 3.6224 / (b - 2)
  for (;;) {
    const u = rng.uniform() - 0.5
    const v = 1 - rng.uniform()
    const us = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43)
    if (us >= 0.07 && v <= squeeze) return k
    if (k < 0 || (us < 0.013 && v > us)) continue
    const accept = Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b)
    if (accept <= k * Math.log(mean) - mean - lgamma(k + 1)) return k
  }
}

/** Student-t by Bailey's polar method (1994): one power (as a logarithm and an exponential, which is faster) and about 2.5 uniforms a draw, exact for any df > 0. */
export function sampleStudentT(rng: Rng, df: number): number {
  for (;;) {
    const u = rng.uint32() / 0x80000000 - 1
    const v = rng.uint32() / 0x80000000 - 1
    const w = u * u + v * v
    if (w < 1 && w > 0) return u * Math.sqrt((df * (Math.exp((-2 / df) * Math.log(w)) - 1)) / w)
  }
}
