import type { QuantileForecast } from './accuracy.ts'
import { CLASSICS } from './classics/classics.ts'
import { gradientOfLoss, type LossOfShares, type MixedWindow, smallestLoss } from './mixture-loss.ts'

/** Who may have a share in a forecast: the network, and forecasts from the series' own history. */
export const MEMBERS = ['deepar', ...CLASSICS] as const

/** What each member adds to a forecast, in the order of MEMBERS; together 1. */
export type Shares = readonly number[]

/** Shares of each item's forecast. */
export interface Blend {
  readonly overall: Shares
  /** Items that have shares of their own. */
  readonly items: ReadonlyMap<string, Shares>
}

/** What an item's forecast is made of. */
export const sharesOf = ({ overall, items }: Blend, itemId: string): Shares => items.get(itemId) ?? overall

/** A held-back window, forecast by every member in their order. */
export interface HeldBackWindow extends MixedWindow {
  readonly itemId: string
}

export const NETWORK_ALONE: Blend = { overall: MEMBERS.map((_, m) => (m === 0 ? 1 : 0)), items: new Map() }

/**
 * How much shares may cost by which they differ: of all items from equal ones, of an item with one held-back window from
 * all items'. More windows say more, so they count for less then.
 */
const TRUST_IN_EQUAL = 0.02
const TRUST_IN_ALL = 0.25

/** A smaller share is none: it changes little, and its member need not be asked. */
const SHARE_MIN = 0.02

/** Average of the members' forecasts by their shares, quantile by quantile. A member without a share may be missing. */
export function mixForecasts(members: readonly (QuantileForecast | undefined)[], shares: Shares): QuantileForecast {
  const used = members.flatMap((forecast, m) => {
    const share = shares[m] ?? 0
    return forecast !== undefined && share > 0 ? [{ forecast, share }] : []
  })
  const [first] = used
  if (first === undefined) throw new RangeError('a mixture of nothing')
  if (used.length === 1) return first.forecast
  const mix = (pick: (forecast: QuantileForecast) => Float64Array) =>
    pick(first.forecast).map((_, h) => used.reduce((sum, { forecast, share }) => sum + share * pick(forecast)[h]!, 0))
  const { levels } = first.forecast
  return { levels, quantiles: levels.map((_, i) => mix((one) => one.quantiles[i]!)), mean: mix((one) => one.mean) }
}

function trimmed(shares: Shares): Shares {
  const kept = shares.map((share) => (share < SHARE_MIN ? 0 : share))
  const total = kept.reduce((sum, share) => sum + share, 0)
  return kept.map((share) => Math.round((1000 * share) / total) / 1000)
}

function byItem(windows: readonly HeldBackWindow[]): ReadonlyMap<string, readonly HeldBackWindow[]> {
  const items = new Map<string, HeldBackWindow[]>()
  for (const window of windows) {
    const own = items.get(window.itemId)
    if (own === undefined) items.set(window.itemId, [window])
    else own.push(window)
  }
  return items
}

/** Loss of an item's windows as a share of the loss that `base` has there; undefined where that is nothing. */
function relativeLoss(windows: readonly HeldBackWindow[], base: Shares): LossOfShares | undefined {
  const whole = windows.reduce((sum, window) => sum + gradientOfLoss(window, base, 1), 0)
  if (!(whole > 0)) return undefined
  return (shares, gradient) =>
    windows.reduce((sum, window) => sum + gradientOfLoss(window, shares, 1 / whole, gradient), 0)
}

/**
 * Shares by the quantile loss of the mixture on held-back windows (stacking). First those that are best for all items
 * together, each item weighing the same; then each item's own, which must earn what they differ by: one lucky window
 * moves them little.
 */
export function chooseBlend(windows: readonly HeldBackWindow[]): Blend {
  const items = byItem(windows)
  const equal = MEMBERS.map(() => 1 / MEMBERS.length)
  const losses = [...items.values()].flatMap((held) => relativeLoss(held, equal) ?? [])
  if (losses.length === 0) return NETWORK_ALONE
  const overall = smallestLoss(equal, TRUST_IN_EQUAL, (shares, gradient) => {
    const sums = shares.map(() => 0)
    const loss = losses.reduce((sum, one) => sum + one(shares, sums), 0)
    for (let m = 0; m < sums.length; m++) gradient[m] = sums[m]! / losses.length
    return loss / losses.length
  })
  const own = new Map<string, Shares>()
  for (const [itemId, held] of items) {
    const loss = relativeLoss(held, overall)
    if (loss !== undefined) own.set(itemId, trimmed(smallestLoss(overall, TRUST_IN_ALL / held.length, loss)))
  }
  return { overall: trimmed(overall), items: own }
}
