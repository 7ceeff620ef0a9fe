const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** ln of the gamma function for x > 0 (Lanczos, g = 7, n = 9): relative error below 1e-14. */
export function lgamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - lgamma(1 - x)
  const y = x - 1
  let sum = LANCZOS[0]!
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (y + i)
  const t = y + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum)
}

/** Digamma, the derivative of lgamma, for x > 0: recurrence up to 10, then the asymptotic series; error below 1e-13. */
export function digamma(x: number): number {
  let result = 0
  let y = x
  while (y < 10) {
    result -= 1 / y
    y += 1
  }
  const inverse = 1 / (y * y)
  const series =
    inverse *
    (1 / 12 -
      inverse * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240 - inverse * (1 / 132 - (inverse * 691) / 32760)))))
  return result + Math.log(y) - 0.5 / y - series
}

/** Regularised upper incomplete gamma function Q(a, x) by series or continued fraction (Numerical Recipes 6.2). */
export function gammaQ(a: number, x: number): number {
  if (x <= 0) return 1
  const front = Math.exp(-x + a * Math.log(x) - lgamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < 1000 && Math.abs(term) > Math.abs(sum) * 1e-16; n++) {
      term *= x / (a + n)
      sum += term
    }
    return 1 - sum * front
  }
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let i = 1; i < 1000; i++) {
    const an = -i * (i - a)
    b += 2
    d = 1 / (an * d + b || 1e-300)
    c = b + an / c || 1e-300
    const delta = d * c
    h *= delta
    if (Math.abs(delta - 1) < 1e-15) break
  }
  return front * h
}

/** Complementary error function: relative error below 1e-13 in both tails. */
export function erfc(x: number): number {
  return x >= 0 ? gammaQ(0.5, x * x) : 2 - gammaQ(0.5, x * x)
}

/** P(Z <= z) of a standard normal. */
export function normalCdf(z: number): number {
  return 0.5 * erfc(-z / Math.SQRT2)
}

const TAIL_A = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
]
const TAIL_B = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
]
const TAIL_C = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const TAIL_D = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416]

/** Horner's rule, highest coefficient first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (const c of coefficients) sum = sum * x + c
  return sum
}

/** Quantile of a standard normal for 0 < p < 1 (Acklam's rational approximation and one Halley step): error below 1e-14. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY
  if (p >= 1) return Number.POSITIVE_INFINITY
  const low = 0.02425
  let x: number
  if (p < low || p > 1 - low) {
    const q = Math.sqrt(-2 * Math.log(p < low ? p : 1 - p))
    x = polynomial(TAIL_C, q) / (polynomial(TAIL_D, q) * q + 1)
    if (p > low) x = -x
  } else {
    const q = p - 0.5
    const r = q * q
    x = (polynomial(TAIL_A, r) * q) / (polynomial(TAIL_B, r) * r + 1)
  }
  const error = p < 0.5 ? normalCdf(x) - p : 1 - p - normalCdf(-x)
  const step = error * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2)
  return x - step / (1 + (x * step) / 2)
}

/** Regularised incomplete beta function I_x(a, b) by Lentz's continued fraction (Numerical Recipes 6.4). */
export function betaI(a: number, b: number, x: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, 1 - x)) / b
}

function betaFraction(a: number, b: number, x: number): number {
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || 1e-300)
  let h = d
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d || 1e-300)
    c = 1 + even / c || 1e-300
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d || 1e-300)
    c = 1 + odd / c || 1e-300
    const delta = d * c
    h *= delta
    if (Math.abs(delta - 1) < 1e-15) break
  }
  return h
}

/** P(T <= t) of Student's t with `df` degrees of freedom. */
export function studentTCdf(t: number, df: number): number {
  const tail = 0.5 * betaI(df / 2, 0.5, df / (df + t * t))
  return t > 0 ? 1 - tail : tail
}

/** Quantile of Student's t: bisection on the tail, to 1e-12 relative. */
export function studentTQuantile(p: number, df: number): number {
  if (p === 0.5) return 0
  const tail = Math.min(p, 1 - p)
  let low = 0
  let high = 1
  while (0.5 * betaI(df / 2, 0.5, df / (df + high * high)) > tail && high < 1e150) high *= 2
  for (let i = 0; i < 200 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2
    if (0.5 * betaI(df / 2, 0.5, df / (df + middle * middle)) > tail) low = middle
    else high = middle
  }
  const t = (low + high) / 2
  return p < 0.5 ? -t : t
}
