import type { LabelWindow } from './labels.ts'

/** What the scorers need to know of one file: its records in order. All arrays have the shape [records]. */
export interface ScoredFile {
  readonly name: string
  readonly timestamps: Float64Array
  readonly scores: Float64Array
  readonly grades: Float64Array
  readonly windows: readonly LabelWindow[]
}

/** Records that no scorer counts: the first 15 %, at most 750 (NAB's probation). */
export function probation(records: number): number {
  return Math.min(Math.floor(0.15 * records), 750)
}

/** A labelled range as record numbers, both inclusive. */
export interface IndexWindow {
  readonly first: number
  readonly last: number
}

/** Records are ordered, give or take a clock's step back: plain scans, as the reference scorers do. */
export function indexWindows(file: ScoredFile): IndexWindow[] {
  const times = file.timestamps
  const found: IndexWindow[] = []
  for (const window of file.windows) {
    let first = times.indexOf(window.startMs)
    if (first < 0) first = times.findIndex((time) => time >= window.startMs)
    let last = times.indexOf(window.endMs)
    if (last < 0) last = times.findLastIndex((time) => time <= window.endMs)
    if (first >= 0 && last >= first) found.push({ first, last })
  }
  return found.sort((a, b) => a.first - b.first)
}
