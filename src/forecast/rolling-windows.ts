import type { SeriesRecord } from './series-lines.ts'

/** A window to forecast: everything of a series before `split` is history. */
export interface RollingWindow {
  readonly series: SeriesRecord
  readonly split: number
}

export interface RollingWindows {
  readonly windows: readonly RollingWindow[]
  /** Series too short for one value of history before the first window. */
  readonly tooShort: readonly string[]
}

/** `count` consecutive windows of each series, the last one ending at the series' end, oldest first. */
export function rollingWindows(series: readonly SeriesRecord[], horizon: number, count: number): RollingWindows {
  const tooShort: string[] = []
  const windows = series.flatMap((one) => {
    const first = one.target.length - horizon * count
    if (first >= 1) return Array.from({ length: count }, (_, w) => ({ series: one, split: first + w * horizon }))
    tooShort.push(one.itemId)
    return []
  })
  return { windows, tooShort }
}

/** The series as it was known at the split: values after it are gone, covariates stay. */
export function historyOf({ series, split }: RollingWindow): SeriesRecord {
  return { ...series, target: series.target.slice(0, split) }
}
