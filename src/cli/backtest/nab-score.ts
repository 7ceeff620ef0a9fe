import { type IndexWindow, indexWindows, probation, type ScoredFile } from './scored-file.ts'

/** The Numenta Anomaly Benchmark's profiles (Lavin and Ahmad 2015, arXiv:1510.03336, section II.C). */
export const NAB_PROFILES = {
  standard: { truePositive: 1, falsePositive: 0.11, falseNegative: 1 },
  rewardLowFalsePositives: { truePositive: 1, falsePositive: 0.22, falseNegative: 1 },
  rewardLowFalseNegatives: { truePositive: 1, falsePositive: 0.11, falseNegative: 2 },
} as const
export type NabProfile = keyof typeof NAB_PROFILES

export interface NabScore {
  /** 0 is a detector that never fires, 100 a perfect one. */
  readonly score: number
  /** The one threshold for all files that gives the most. */
  readonly threshold: number
  readonly windowsHit: number
  readonly falseRecords: number
}

interface Judged {
  readonly score: number
  /** Worth of a detection here before the profile's weights: to 1 inside a window, down to -1 outside. */
  readonly worth: number
  /** Running number of the window, or -1 outside. */
  readonly window: number
}

function sigmoid(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1
}

function worthInside(at: number, window: IndexWindow): number {
  return sigmoid(-(window.last - at + 1) / (window.last - window.first + 1)) / sigmoid(-1)
}

function worthOutside(at: number, before: IndexWindow | undefined): number {
  if (before === undefined) return -1
  const width = before.last - before.first
  return width === 0 ? -1 : sigmoid((at - before.last) / width)
}

/** Judges every record past probation; `firstWindow` numbers the windows over all files. */
function judgeFile(file: ScoredFile, windows: readonly IndexWindow[], firstWindow: number): Judged[] {
  const judged: Judged[] = []
  let next = 0
  for (let at = 0; at < file.scores.length; at++) {
    while (next < windows.length && at > (windows[next]?.last ?? 0)) next++
    const window = windows[next]
    if (at < probation(file.scores.length)) continue
    const inside = window !== undefined && at >= window.first
    judged.push({
      score: file.scores[at] ?? 0,
      worth: inside ? worthInside(at, window) : worthOutside(at, windows[next - 1]),
      window: inside ? firstWindow + next : -1,
    })
  }
  return judged
}

function bestThreshold(sorted: readonly Judged[], reachable: number, labelled: number, profile: NabProfile): NabScore {
  const { truePositive, falsePositive, falseNegative } = NAB_PROFILES[profile]
  const worths = new Map<number, number>()
  const nothing = -falseNegative * reachable
  let inside = nothing
  let outside = 0
  let falseRecords = 0
  let best = { total: nothing, threshold: Number.POSITIVE_INFINITY, windowsHit: 0, falseRecords: 0 }
  for (let i = 0; i < sorted.length; i++) {
    const { score, worth, window } = sorted[i] ?? { score: 0, worth: 0, window: -1 }
    if (window < 0) {
      outside += falsePositive * worth
      falseRecords++
    } else {
      const had = worths.get(window)
      if (had === undefined) inside += falseNegative + truePositive * worth
      else if (worth > had) inside += truePositive * (worth - had)
      worths.set(window, Math.max(worth, had ?? Number.NEGATIVE_INFINITY))
    }
    const tied = sorted[i + 1]?.score === score
    if (!tied && inside + outside > best.total) {
      best = { total: inside + outside, threshold: score, windowsHit: worths.size, falseRecords }
    }
  }
  const score = (100 * (best.total - nothing)) / (truePositive * labelled - nothing)
  return { score, threshold: best.threshold, windowsHit: best.windowsHit, falseRecords: best.falseRecords }
}

/** NAB's scores of one set of files, a threshold a profile; undefined when no window is labelled. */
export function nabScores(files: readonly ScoredFile[]): Readonly<Record<NabProfile, NabScore>> | undefined {
  const judged: Judged[] = []
  let labelled = 0
  for (const file of files) {
    const windows = indexWindows(file)
    for (const record of judgeFile(file, windows, labelled)) judged.push(record)
    labelled += file.windows.length
  }
  if (labelled === 0) return undefined
  const reachable = new Set(judged.flatMap((record) => (record.window < 0 ? [] : [record.window]))).size
  judged.sort((a, b) => b.score - a.score)
  return {
    standard: bestThreshold(judged, reachable, labelled, 'standard'),
    rewardLowFalsePositives: bestThreshold(judged, reachable, labelled, 'rewardLowFalsePositives'),
    rewardLowFalseNegatives: bestThreshold(judged, reachable, labelled, 'rewardLowFalseNegatives'),
  }
}
