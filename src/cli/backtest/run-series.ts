import type { CsvSeries } from '../../adapters/csv/read-series.ts'
import type { ScoredPoint } from '../../band/scored-point.ts'
import { TidegaugeError } from '../../core/errors.ts'
import type { SeriesDetector } from '../../pipeline/detector/contract.ts'

/** The most periods without data that are stepped one by one; a longer silence is skipped. */
const MAX_GAP_PERIODS = 100_000
/** The share of rows that may step back in time (a clock set back) before the file counts as unordered. */
const MAX_LATE_SHARE = 0.01

export interface SeriesRun {
  /** One a row. */
  readonly points: readonly ScoredPoint[]
  /** Rows that repeat a timestamp or go back in time: they carry the score before them, and nothing is learned. */
  readonly lateRows: number
  /** Periods without a row. */
  readonly missingPeriods: number
}

/** The usual distance between rows in ms: the median of the positive ones; throws when there are none. */
export function inferPeriod(path: string, timestamps: Float64Array): number {
  const steps: number[] = []
  for (let i = 1; i < timestamps.length; i++) {
    const step = (timestamps[i] ?? 0) - (timestamps[i - 1] ?? 0)
    if (step > 0) steps.push(step)
  }
  steps.sort((a, b) => a - b)
  const period = steps[steps.length >> 1]
  if (period !== undefined) return period
  const hint = 'give at least two rows in time order, or --period'
  throw new TidegaugeError('INPUT_INVALID', 'no period can be told from the timestamps', { where: path, hint })
}

/** Throws at the first row that goes back in time when many do. */
function refuseUnordered(path: string, timestamps: Float64Array): void {
  let back = 0
  let first = 0
  for (let i = 1; i < timestamps.length; i++) {
    if ((timestamps[i] ?? 0) >= (timestamps[i - 1] ?? 0)) continue
    back++
    if (first === 0) first = i
  }
  if (back <= MAX_LATE_SHARE * timestamps.length) return
  const message = `${back} of ${timestamps.length} rows go back in time, the first here`
  throw new TidegaugeError('INPUT_INVALID', message, {
    where: `${path}:${first + 2}`,
    hint: 'sort the file by timestamp',
  })
}

/**
 * Scores the rows one after the other with the detector of the stream: each is judged by what came before it, then
 * learned. Periods without a row are stepped as missing. Several rows within one period are judged one by one.
 */
export function runSeries(path: string, series: CsvSeries, periodMs: number, detector: SeriesDetector): SeriesRun {
  refuseUnordered(path, series.timestamps)
  const points: ScoredPoint[] = []
  let newestMs = Number.NEGATIVE_INFINITY
  let periodStartMs = Number.NEGATIVE_INFINITY
  let lateRows = 0
  let missingPeriods = 0
  for (let i = 0; i < series.timestamps.length; i++) {
    const timestampMs = series.timestamps[i] ?? 0
    const before = points.at(-1)
    if (timestampMs <= newestMs && before !== undefined) {
      points.push(before)
      lateRows++
      continue
    }
    const startMs = Math.floor(timestampMs / periodMs) * periodMs
    const missing = Math.max(0, Math.round((startMs - periodStartMs) / periodMs) - 1)
    if (Number.isFinite(missing)) {
      missingPeriods += missing
      const stepped = Math.min(missing, MAX_GAP_PERIODS)
      for (let k = stepped; k >= 1; k--) detector.step(missingPoint(startMs - k * periodMs))
    }
    const value = series.values[i] ?? Number.NaN
    const observed = Uint8Array.of(Number.isNaN(value) ? 0 : 1)
    points.push(detector.step({ timestampMs: startMs, values: Float64Array.of(value), observed }))
    newestMs = timestampMs
    periodStartMs = startMs
  }
  return { points, lateRows, missingPeriods }
}

function missingPoint(timestampMs: number) {
  return { timestampMs, values: Float64Array.of(Number.NaN), observed: Uint8Array.of(0) }
}
