import {
  type Attribution,
  GRADE_REASONS,
  NO_ATTRIBUTION,
  type ScoredInput,
  type ScoredPoint,
} from '../band/scored-point.ts'
import { assert } from '../core/assert.ts'
import type { Labels, Series } from '../core/series.ts'
import { TRAINING_STATES } from '../forecast/forecaster.ts'
import type { ScoredSeries } from '../pipeline/step-output.ts'

const MODELS = ['seasonal-baseline', 'deepar'] as const satisfies readonly ScoredPoint['model'][]

/** Numbers of a point before its inputs, and of each input. */
const HEAD = 9
const PER_INPUT = 5

/** A series that is mentioned for the first time: later on, its number stands for it. */
interface NewSeries {
  readonly id: number
  readonly name: string
  readonly labels: Labels
  readonly key: string
  readonly inputs: readonly string[]
}

/** Scored points as one run of numbers, which moves between threads without being copied. */
export interface PackedScores {
  readonly series: readonly NewSeries[]
  /** Point after point: HEAD numbers, then PER_INPUT for each of the series' inputs. */
  readonly numbers: Float64Array<ArrayBuffer>
  /** By place of the point: only anomalous points have any. */
  readonly attributions: ReadonlyMap<number, readonly Attribution[]>
}

/**
 * Packs scored points for a ScoreReader in another thread. Both keep the series that they have seen, so a point costs
 * its numbers; a series that goes is to be forgotten by both.
 */
export class ScoreWriter {
  readonly #known = new Map<string, { readonly id: number; readonly inputs: readonly string[] }>()
  #nextId = 0

  pack(scores: readonly ScoredSeries[]): PackedScores {
    const fresh: NewSeries[] = []
    const attributions = new Map<number, readonly Attribution[]>()
    const size = scores.reduce((sum, { point }) => sum + HEAD + PER_INPUT * point.inputs.length, 0)
    const numbers = new Float64Array(size)
    let at = 0
    let place = 0
    for (const { series, point } of scores) {
      at = writePoint(numbers, at, this.#idOf(series, point, fresh), point)
      if (point.attribution.length > 0) attributions.set(place, point.attribution)
      place++
    }
    return { series: fresh, numbers, attributions }
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) this.#known.delete(key)
  }

  #idOf({ name, labels, key }: Series, { inputs }: ScoredPoint, fresh: NewSeries[]): number {
    const known = this.#known.get(key)
    if (known !== undefined && known.inputs.length === inputs.length) return known.id
    const entry = { id: this.#nextId++, inputs: inputs.map((input) => input.name) }
    this.#known.set(key, entry)
    fresh.push({ ...entry, name, labels, key })
    return entry.id
  }
}

export class ScoreReader {
  readonly #series = new Map<number, { readonly series: Series; readonly inputs: readonly string[] }>()
  readonly #ids = new Map<string, number>()

  unpack({ series: fresh, numbers, attributions }: PackedScores): ScoredSeries[] {
    // A series whose inputs changed has a new number, beside which points of before may still have the old one.
    const replaced: number[] = []
    for (const { id, name, labels, key, inputs } of fresh) {
      const former = this.#ids.get(key)
      if (former !== undefined) replaced.push(former)
      this.#series.set(id, { series: { name, labels, key }, inputs })
      this.#ids.set(key, id)
    }
    const scores: ScoredSeries[] = []
    for (let at = 0; at < numbers.length; ) {
      const known = this.#series.get(numbers[at] ?? -1)
      assert(known !== undefined, 'a point of a series that was never named')
      const { series, inputs } = known
      const point = readPoint(numbers, at, inputs, attributions.get(scores.length) ?? NO_ATTRIBUTION)
      scores.push({ series, point })
      at += HEAD + PER_INPUT * inputs.length
    }
    for (const id of replaced) this.#series.delete(id)
    return scores
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) {
      const id = this.#ids.get(key)
      if (id === undefined) continue
      this.#ids.delete(key)
      this.#series.delete(id)
    }
  }
}

function writePoint(to: Float64Array, from: number, id: number, point: ScoredPoint): number {
  let at = from
  to[at++] = id
  to[at++] = point.timestampMs
  to[at++] = point.score
  to[at++] = point.grade
  to[at++] = point.confidence
  to[at++] = GRADE_REASONS.indexOf(point.reason)
  to[at++] = TRAINING_STATES.indexOf(point.state)
  to[at++] = MODELS.indexOf(point.model)
  to[at++] = point.forecastScore ?? Number.NaN
  for (const { value, observed, expected, lower, upper } of point.inputs) {
    to[at++] = value
    to[at++] = observed ? 1 : 0
    to[at++] = expected
    to[at++] = lower
    to[at++] = upper
  }
  return at
}

function readPoint(
  from: Float64Array,
  start: number,
  names: readonly string[],
  attribution: readonly Attribution[],
): ScoredPoint {
  const inputs: ScoredInput[] = []
  for (let i = 0; i < names.length; i++) inputs.push(readInput(from, start + HEAD + PER_INPUT * i, names[i] ?? ''))
  const point = {
    timestampMs: from[start + 1] ?? Number.NaN,
    score: from[start + 2] ?? Number.NaN,
    grade: from[start + 3] ?? Number.NaN,
    confidence: from[start + 4] ?? Number.NaN,
    reason: GRADE_REASONS[from[start + 5] ?? -1] ?? 'normal',
    state: TRAINING_STATES[from[start + 6] ?? -1] ?? 'PENDING_TRAINING',
    model: MODELS[from[start + 7] ?? -1] ?? 'seasonal-baseline',
    inputs,
    attribution,
  }
  const forecastScore = from[start + 8] ?? Number.NaN
  return Number.isNaN(forecastScore) ? point : { ...point, forecastScore }
}

function readInput(from: Float64Array, start: number, name: string): ScoredInput {
  return {
    name,
    value: from[start] ?? Number.NaN,
    observed: from[start + 1] === 1,
    expected: from[start + 2] ?? Number.NaN,
    lower: from[start + 3] ?? Number.NaN,
    upper: from[start + 4] ?? Number.NaN,
  }
}
