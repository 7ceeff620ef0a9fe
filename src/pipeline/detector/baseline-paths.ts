import type { Rng } from '../../core/rng.ts'
import { sampleStudentT } from '../../forecast/distribution/random-variates.ts'
import type { Prediction } from '../../forecast/forecaster.ts'
import type { OutlookRequest } from './contract.ts'

/** A value lately, where it was measured. */
interface RecentValue {
  readonly timestampMs: number
  readonly value: number
}

/** Residuals are drawn in to this many deviations before it is measured how long they last. */
const RESIDUAL_MAX = 5
/** A residual is not believed to last for good. */
const PERSISTENCE_MAX = 0.98
/** Pairs of residuals from which their persistence is measured; with fewer none is assumed. */
const PAIRS_MIN = 16

/**
 * Sample paths of the seasonal baseline: what it expects, and a residual that carries on from the present one as a
 * first-order autoregression with the residuals' own spread, tails and lag-1 correlation. Independent residuals would make
 * any crossing in a long horizon all but certain; constant ones would hide those to come.
 */
export function baselinePaths(
  predict: (timestampMs: number) => Prediction,
  recent: readonly RecentValue[],
  { fromMs, samples, horizon, rng, periodMs }: OutlookRequest & { readonly periodMs: number },
): Float64Array | undefined {
  const predictions = Array.from({ length: horizon }, (_, h) => predict(fromMs + h * periodMs))
  if (!predictions.every(({ expected, deviation }) => Number.isFinite(expected) && Number.isFinite(deviation))) {
    return undefined
  }
  const residuals = recent.map(({ timestampMs, value }) => {
    const { expected, deviation } = predict(timestampMs)
    return { timestampMs, z: Math.max(-RESIDUAL_MAX, Math.min(RESIDUAL_MAX, (value - expected) / deviation)) }
  })
  const persistence = persistenceOf(residuals, periodMs)
  const newest = residuals.at(-1)
  const present = newest?.timestampMs === fromMs - periodMs && Number.isFinite(newest.z) ? newest.z : 0
  const fresh = Math.sqrt(1 - persistence ** 2)
  const last = new Float64Array(samples).fill(present)
  const paths = new Float64Array(horizon * samples)
  predictions.forEach(({ expected, deviation, degreesOfFreedom }, h) => {
    for (let s = 0; s < samples; s++) {
      const z = persistence * (last[s] ?? 0) + fresh * unitDraw(rng, degreesOfFreedom)
      last[s] = z
      paths[h * samples + s] = expected + deviation * z
    }
  })
  return paths
}

/** Of deviation 1, with the tails of the prediction. */
function unitDraw(rng: Rng, df: number): number {
  return Number.isFinite(df) ? sampleStudentT(rng, df) * Math.sqrt((df - 2) / df) : rng.normal()
}

/** Lag-1 correlation of residuals about 0, from 0 to 0.98. */
function persistenceOf(residuals: readonly { readonly timestampMs: number; readonly z: number }[], periodMs: number) {
  let [products, squares, pairs] = [0, 0, 0]
  residuals.forEach(({ timestampMs, z }, i) => {
    const before = residuals[i - 1]
    if (before === undefined || timestampMs - before.timestampMs !== periodMs) return
    if (!Number.isFinite(z * before.z)) return
    products += z * before.z
    squares += (z * z + before.z * before.z) / 2
    pairs++
  })
  return pairs < PAIRS_MIN || squares === 0 ? 0 : Math.max(0, Math.min(PERSISTENCE_MAX, products / squares))
}
