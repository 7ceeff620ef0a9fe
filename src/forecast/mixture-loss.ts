import type { QuantileForecast } from './accuracy.ts'

/** One window, forecast by several members, and what came; NaN where missing. */
export interface MixedWindow {
  readonly members: readonly QuantileForecast[]
  readonly truth: Float64Array
}

/**
 * Sum of the quantile losses of the mixture by `shares`, over levels and observed steps, times `factor`. Its gradient
 * with respect to the shares is added to `gradient`.
 */
export function gradientOfLoss(
  { members, truth }: MixedWindow,
  shares: readonly number[],
  factor: number,
  gradient?: number[],
): number {
  const { levels } = members[0]!
  let loss = 0
  for (let i = 0; i < levels.length; i++) {
    const values = members.map((one) => one.quantiles[i]!)
    for (let h = 0; h < truth.length; h++) {
      const y = truth[h]!
      if (!Number.isFinite(y)) continue
      let mixed = 0
      for (let m = 0; m < values.length; m++) mixed += shares[m]! * values[m]![h]!
      const slope = 2 * factor * ((y <= mixed ? 1 : 0) - levels[i]!)
      loss += slope * (mixed - y)
      if (gradient === undefined) continue
      for (let m = 0; m < values.length; m++) gradient[m] = gradient[m]! + slope * values[m]![h]!
    }
  }
  return loss
}

/** A loss of shares; adds its gradient to the array, which holds zeros. */
export type LossOfShares = (shares: readonly number[], gradient: number[]) => number

const STEPS = 60
const RATE = 4
const SHARE_LEAST = 1e-6

/**
 * The shares (positive, together 1) with the smallest loss plus `trust` times their relative entropy to `start`: mirror
 * descent (Beck and Teboulle 2003), each step in closed form. The best of all steps is kept.
 */
export function smallestLoss(start: readonly number[], trust: number, lossOf: LossOfShares): readonly number[] {
  let shares = start.map((share) => Math.max(SHARE_LEAST, share))
  let best: readonly number[] = start
  let lowest = Number.POSITIVE_INFINITY
  for (let step = 0; step < STEPS; step++) {
    const gradient = shares.map(() => 0)
    const entropy = shares.reduce(
      (sum, share, m) => sum + share * Math.log(share / Math.max(SHARE_LEAST, start[m]!)),
      0,
    )
    const loss = lossOf(shares, gradient) + trust * entropy
    if (loss < lowest) {
      lowest = loss
      best = shares
    }
    const inertia = Math.sqrt(step + 1) / RATE
    const logs = shares.map((share, m) => {
      const pulled = inertia * Math.log(share) + trust * Math.log(Math.max(SHARE_LEAST, start[m]!)) - gradient[m]!
      return pulled / (inertia + trust)
    })
    shares = normalised(logs)
  }
  return best
}

function normalised(logs: readonly number[]): number[] {
  const top = Math.max(...logs)
  const raised = logs.map((log) => Math.max(SHARE_LEAST, Math.exp(log - top)))
  const total = raised.reduce((sum, one) => sum + one, 0)
  return raised.map((one) => one / total)
}
