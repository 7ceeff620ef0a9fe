import { makeSeries, type Series } from '../core/series.ts'
import type { JoinOptions } from './options.ts'

/** What a series is counted under: itself, or the entity whose metrics are joined. */
export function identityOf(series: Series, join: JoinOptions | undefined): Series {
  if (join === undefined) return series
  const labels: Record<string, string> = {}
  for (const label of join.by) labels[label] = series.labels[label] ?? ''
  return makeSeries(join.name, labels)
}
