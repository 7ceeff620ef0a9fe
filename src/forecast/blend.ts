import { type QuantileForecast, quantileLoss } from './accuracy.ts'
import { mapForecast } from './quantiles.ts'

/** A held-back window, forecast by the champion and by the challenger. */
export interface Duel {
  readonly itemId: string
  readonly champion: QuantileForecast
  readonly challenger: QuantileForecast
  readonly truth: Float64Array
  /** What the item's losses are divided by, so that each item weighs the same. */
  readonly scale: number
}

/** How much of the challenger each item's forecast takes: 0 is the champion alone, 1 the challenger alone. */
export interface Blend {
  readonly overall: number
  /** Items that differ from `overall`. */
  readonly items: ReadonlyMap<string, number>
}

export const CHAMPION_ALONE: Blend = { overall: 0, items: new Map() }

const SHARES = [0, 0.15, 0.3, 0.5, 0.75, 1] as const

/** An item's own held-back losses are few; the average over all items counts as if it were this many windows more. */
const PRIOR_WINDOWS = 4

/** A mixture must beat the purer forecast by this share of its loss. */
const MARGIN = 0.01

/** Quantile by quantile average of two forecasts, `share` of it the challenger's. */
export function blendForecasts(
  champion: QuantileForecast,
  challenger: QuantileForecast,
  share: number,
): QuantileForecast {
  if (share === 0) return champion
  if (share === 1) return challenger
  return mapForecast(champion, (value, h, i) => {
    const other = i < 0 ? challenger.mean[h]! : challenger.quantiles[i]![h]!
    return (1 - share) * value + share * other
  })
}

/** Mean quantile loss over levels and observed steps, NaN where nothing was observed. */
export function meanQuantileLoss(forecast: QuantileForecast, truth: Float64Array): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < forecast.levels.length; i++) {
    for (let h = 0; h < truth.length; h++) {
      if (!Number.isFinite(truth[h])) continue
      sum += quantileLoss(truth[h]!, forecast.quantiles[i]![h]!, forecast.levels[i]!)
      count++
    }
  }
  return count === 0 ? Number.NaN : sum / count
}

function best(losses: readonly number[]): number {
  let chosen = 0
  for (let i = 1; i < losses.length; i++) if (losses[i]! < losses[chosen]! * (1 - MARGIN)) chosen = i
  return chosen
}

/**
 * Champion against challenger on held-back windows, item by item: each item takes the share of the challenger with the
 * smallest quantile loss, where its own losses are joined by the average of all items, so that one lucky window does
 * not decide.
 */
export function chooseBlend(duels: readonly Duel[]): Blend {
  const byItem = new Map<string, { sums: number[]; windows: number }>()
  for (const duel of duels) {
    const losses = SHARES.map(
      (share) => meanQuantileLoss(blendForecasts(duel.champion, duel.challenger, share), duel.truth) / duel.scale,
    )
    if (!losses.every((loss) => Number.isFinite(loss))) continue
    const item = byItem.get(duel.itemId) ?? { sums: SHARES.map(() => 0), windows: 0 }
    byItem.set(duel.itemId, { sums: item.sums.map((sum, i) => sum + losses[i]!), windows: item.windows + 1 })
  }
  if (byItem.size === 0) return CHAMPION_ALONE
  const average = SHARES.map((_, i) => {
    let sum = 0
    for (const item of byItem.values()) sum += item.sums[i]! / item.windows
    return sum / byItem.size
  })
  const overall = SHARES[best(average)]!
  const items = new Map<string, number>()
  for (const [itemId, { sums, windows }] of byItem) {
    const own = sums[0]! / windows
    // The average is brought to the item's own size, else it would mean nothing to items that are easy or hard.
    const joined = sums.map((sum, i) => sum + (PRIOR_WINDOWS * average[i]! * own) / average[0]!)
    const share = SHARES[best(joined)]!
    if (share !== overall) items.set(itemId, share)
  }
  return { overall, items }
}
