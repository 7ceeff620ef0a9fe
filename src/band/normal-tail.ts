const LOG_10 = Math.LN10

/**
 * Chebyshev coefficients of ln(erfc(x) / t) + x^2 with t = 1 / (1 + x/2) (Press et al., Numerical Recipes, erfcc):
 * relative error below 1.2e-7 for every x >= 0, and no underflow, because the logarithm is what is computed.
 */
const CHEBYSHEV = [
  0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
  -1.26551223,
]

/** -log10 of P(Z > z) of a standard normal: 0.30 at z = 0, 1.64 at 2, 23.1 at 10; 0 below z = -5. */
export function normalTailEvidence(z: number): number {
  if (z < -5) return 0
  const x = Math.abs(z) * Math.SQRT1_2
  const t = 1 / (1 + 0.5 * x)
  let sum = 0
  for (const coefficient of CHEBYSHEV) sum = sum * t + coefficient
  const logErfc = Math.log(t) - x * x + sum
  if (z >= 0) return (Math.LN2 - logErfc) / LOG_10
  return -Math.log10(1 - 0.5 * Math.exp(logErfc))
}
