import type { Attribution } from '../../band/scored-point.ts'
import type { ForestAttribution } from '../../forest/attribution.ts'
import type { Measured } from './series-statistics.ts'
import type { ForestViews } from './views.ts'

/**
 * What an anomaly consists of: shares of inputs and lags by the forest over the values; where that forest holds the
 * values to be usual, though not at this hour, shares of the inputs by the size of their seasonal residuals.
 * Largest first; shares sum to 1. Asked before the period is learned.
 */
export function attributionOf(names: readonly string[], measured: Measured, views: ForestViews): Attribution[] {
  const shares = measured.view === undefined ? [] : views.attribute(measured.view)
  if (shares.length === 0) return byResiduals(names, measured)
  return shares.map((share: ForestAttribution) => ({ ...share, input: names[share.input] ?? '' }))
}

function byResiduals(names: readonly string[], measured: Measured): Attribution[] {
  const sizes = measured.residuals.map((residual) => Math.abs(residual?.seasonal ?? 0))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const shares = names.flatMap((input, i): Attribution[] => {
    const share = total > 0 ? (sizes[i] ?? 0) / total : 1 / names.length
    const direction = (measured.residuals[i]?.seasonal ?? 0) >= 0 ? 'above' : 'below'
    return share > 0 ? [{ input, lag: 0, direction, share }] : []
  })
  return shares.sort((a, b) => b.share - a.share)
}
