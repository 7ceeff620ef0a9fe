import type { ScoredFile } from '../../src/cli/backtest/scored-file.ts'
import { RunningMoments } from '../../src/core/moments.ts'
import { RandomCutForest } from '../../src/forest/random-cut-forest.ts'
import { createDetector } from '../../src/pipeline/detector/create-detector.ts'
import { DETECTOR_DEFAULTS } from '../../src/pipeline/detector/options.ts'

/** A made series, with what happens in it. */
export interface LabelledSeries {
  readonly name: string
  readonly periodMs: number
  readonly startMs: number
  /** Shape [records]. */
  readonly values: Float64Array
  readonly events: readonly { readonly kind: string; readonly first: number; readonly last: number }[]
}

/** How a series is judged: scores and grades, one a record. */
interface Judged {
  readonly scores: Float64Array
  readonly grades: Float64Array
}
export type Judge = (series: LabelledSeries) => Judged

/** The shipped detector with its defaults. */
export function shipped(seed: number): Judge {
  return ({ name, periodMs, startMs, values }) => {
    const detector = createDetector({ ...DETECTOR_DEFAULTS, inputs: ['value'], periodMs }, [String(seed), name])
    const scores = new Float64Array(values.length)
    const grades = new Float64Array(values.length)
    values.forEach((value, i) => {
      const timestampMs = startMs + i * periodMs
      const point = detector.step({ timestampMs, values: Float64Array.of(value), observed: Uint8Array.of(1) })
      scores[i] = point.score
      grades[i] = point.grade
    })
    detector.dispose()
    return { scores, grades }
  }
}

/** The simplest that could work: |value - running mean| in its own deviations, an alert above 4. */
export const trivialControl: Judge = ({ values }) => {
  const mean = new RunningMoments()
  const departure = new RunningMoments()
  const scores = Float64Array.from(values, (value) => {
    const away = mean.count > 0 ? Math.abs(value - mean.mean) : 0
    const score = departure.count > 10 && departure.deviation > 0 ? (away - departure.mean) / departure.deviation : 0
    departure.add(away)
    mean.add(value)
    return score
  })
  return { scores, grades: scores.map((score) => (score > 4 ? 1 : 0)) }
}

/** A forest alone: CoDisp of shingles of 8, an alert above its mean and 5 deviations. */
export function plainForest(seed: number): Judge {
  return ({ values }) => {
    const forest = new RandomCutForest({ shingleSize: 8, seed })
    const moments = new RunningMoments()
    const grades = new Float64Array(values.length)
    const scores = Float64Array.from(values, (value, i) => {
      const { codisp } = forest.process(value)
      grades[i] = moments.count > 100 && codisp > moments.mean + 5 * moments.deviation ? 1 : 0
      moments.add(codisp)
      return codisp
    })
    forest.dispose()
    return { scores, grades }
  }
}

/** Judges the series; the events become labelled windows. */
export function judged(series: readonly LabelledSeries[], judge: Judge): ScoredFile[] {
  return series.map((each) => ({
    name: each.name,
    timestamps: Float64Array.from(each.values, (_, i) => each.startMs + i * each.periodMs),
    windows: each.events.map(({ first, last }) => ({
      startMs: each.startMs + first * each.periodMs,
      endMs: each.startMs + last * each.periodMs,
    })),
    ...judge(each),
  }))
}
