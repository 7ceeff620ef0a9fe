import type { Rng } from '../../src/core/rng.ts'

/** What the values scatter like about their expected curve. Each is normal behaviour: none of it is an anomaly. */
export const NOISE_KINDS = [
  'gaussian',
  'heavyTailed',
  'autocorrelated',
  'counts',
  'percentage',
  'bursts',
  'skewed',
] as const
export type NoiseKind = (typeof NOISE_KINDS)[number]

export const SEASON_KINDS = ['none', 'daily', 'dailyWeekly'] as const
export type SeasonKind = (typeof SEASON_KINDS)[number]

/** Student's t with 4 degrees of freedom, scaled to unit variance. */
function heavyTailed(rng: Rng): number {
  let chi = 0
  for (let i = 0; i < 4; i++) chi += rng.normal() ** 2
  return (rng.normal() / Math.sqrt(chi / 4)) * Math.SQRT1_2
}

/** Poisson by Knuth's product below 30, by the rounded normal above. */
export function poisson(rng: Rng, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * rng.normal()))
  const limit = Math.exp(-Math.max(0, mean))
  let product = rng.uniform()
  let count = 0
  while (product > limit) {
    product *= rng.uniform()
    count++
  }
  return count
}

/** A day's curve on [-1, 1] about zero: a morning and an evening peak of random place and height. */
export type DayCurve = (dayFraction: number, weekday: number) => number

export function makeDayCurve(rng: Rng, season: SeasonKind): DayCurve {
  if (season === 'none') return () => 0
  const phase = rng.uniform()
  const second = 0.2 + 0.5 * rng.uniform()
  const secondPhase = rng.uniform()
  const sharp = rng.uniform() < 0.3
  const weekend = season === 'dailyWeekly' ? 0.25 + 0.35 * rng.uniform() : 1
  return (dayFraction, weekday) => {
    const angle = 2 * Math.PI * (dayFraction + phase)
    const wave = Math.sin(angle) + second * Math.sin(2 * angle + 2 * Math.PI * secondPhase)
    const curve = sharp ? Math.tanh(3 * wave) : wave / (1 + second)
    return weekday >= 5 ? (curve + 1) * weekend - 1 : curve
  }
}

/** A stream of unit-variance scatter of one kind; `counts` and `percentage` are applied to the curve by `observe`. */
export function makeNoise(rng: Rng, kind: NoiseKind): () => number {
  let level = 0
  let burst = 0
  switch (kind) {
    case 'heavyTailed':
      return () => heavyTailed(rng)
    case 'autocorrelated':
      return () => {
        level = 0.85 * level + Math.sqrt(1 - 0.85 ** 2) * rng.normal()
        return level
      }
    case 'bursts':
      return () => {
        if (burst < 0.5 && rng.uniform() < 0.01) burst = 3 - 3 * Math.log(1 - rng.uniform())
        burst *= 0.6
        return 0.5 * rng.normal() + burst
      }
    case 'skewed':
      return () => (Math.exp(0.6 * rng.normal()) - Math.exp(0.18)) / 0.78
    default:
      return () => rng.normal()
  }
}

/** Turns the expected value (curve and event, in units of noise deviations) and the scatter into what is measured. */
export function observe(
  rng: Rng,
  kind: NoiseKind,
  expected: number,
  scatter: number,
  base: number,
  unit: number,
): number {
  if (kind === 'counts') return poisson(rng, Math.max(0, 12 + expected * 3.5))
  if (kind === 'percentage') return 100 / (1 + Math.exp(-(0.35 * (expected + scatter) - 1)))
  return base + unit * (expected + scatter)
}
