import { TidegaugeError } from '../../core/errors.ts'
import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import type { LikelihoodName } from '../distribution/likelihood.ts'
import type { SeriesInput } from './prepared-series.ts'

/** Why a series is not learned from. Closed: it is printed and counted. */
export const IGNORE_REASONS = ['shorter_than_horizon', 'all_missing'] as const
export type IgnoreReason = (typeof IGNORE_REASONS)[number]

export interface IgnoredSeries {
  readonly itemId: string
  readonly reason: IgnoreReason
}

export interface Admitted {
  readonly series: readonly SeriesInput[]
  readonly ignored: readonly IgnoredSeries[]
}

function refuse(itemId: string, index: number, value: number, likelihood: LikelihoodName, needs: string): never {
  throw new TidegaugeError('INPUT_INVALID', `value ${value} under the ${likelihood} likelihood, which needs ${needs}`, {
    where: `item ${itemId}, target[${index}]`,
    hint: 'choose another likelihood, or correct the value',
  })
}

/** Throws INPUT_INVALID at the first value that the likelihood gives no probability. */
export function checkSupport(series: SeriesInput, likelihood: LikelihoodName): void {
  const { support } = LIKELIHOOD_BY_NAME[likelihood]
  if (support === 'real') return
  series.target.forEach((value, i) => {
    if (!Number.isFinite(value)) return
    if (support === 'count' && !(value >= 0 && Number.isInteger(value))) {
      refuse(series.itemId, i, value, likelihood, 'whole numbers from 0')
    }
    if (support === 'unit' && !(value >= 0 && value <= 1)) {
      refuse(series.itemId, i, value, likelihood, 'values from 0 to 1')
    }
  })
}

/**
 * Sorts out what can be learned from: series with one value more than the horizon, and at least one observed. Throws
 * INPUT_INVALID when nothing is left.
 */
export function admit(series: readonly SeriesInput[], horizon: number, likelihood: LikelihoodName): Admitted {
  const ignored: IgnoredSeries[] = []
  const kept = series.filter((one) => {
    checkSupport(one, likelihood)
    const short = one.target.length <= horizon
    const empty = !one.target.some((value) => Number.isFinite(value))
    if (short || empty) ignored.push({ itemId: one.itemId, reason: short ? 'shorter_than_horizon' : 'all_missing' })
    return !short && !empty
  })
  if (kept.length === 0) {
    throw new TidegaugeError('INPUT_INVALID', `none of ${series.length} series can be learned from`, {
      where: 'training data',
      hint: `series need more than ${horizon} values (the horizon), at least one of them observed`,
    })
  }
  return { series: kept, ignored }
}
