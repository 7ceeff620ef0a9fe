import type { ForestScores } from '../../band/evidence.ts'
import type { BinaryReader, BinaryWriter } from '../../core/binary.ts'
import type { ForestAttribution } from '../../forest/attribution.ts'
import { RandomCutForest } from '../../forest/random-cut-forest.ts'
import type { DetectorOptions } from './options.ts'

const VIEWS = ['value', 'dynamics'] as const

/** One period as each forest sees it. Shapes [inputs] and [2 x inputs]. */
export interface ViewPoint {
  /** The values. */
  readonly value: Float64Array
  /** Smoothed value and smoothed size of its changes, of each input. */
  readonly dynamics: Float64Array
}

/** The forests of one series: the same trees over two views of it, so each has few dimensions. */
export class ForestViews {
  readonly #forests: Readonly<Record<keyof ViewPoint, RandomCutForest>>

  private constructor(forests: Readonly<Record<keyof ViewPoint, RandomCutForest>>) {
    this.#forests = forests
  }

  static create(options: DetectorOptions, inputs: number, seed: number): ForestViews {
    const { trees, sampleSize, timeDecay, shingle } = options
    const make = (view: number, each: number, shingleSize = 1) =>
      new RandomCutForest({
        inputs: inputs * each,
        shingleSize,
        trees,
        sampleSize,
        timeDecay,
        outputAfter: 1,
        seed: seed * 2 + view,
      })
    return new ForestViews({ value: make(0, 1, shingle), dynamics: make(1, 2) })
  }

  /** Scores the point against what came before; learns nothing. */
  score(point: ViewPoint): ForestScores {
    const { value, dynamics } = this.#forests
    return {
      value: value.score(point.value).codisp,
      dynamics: dynamics.score(point.dynamics).codisp,
    }
  }

  /** Which inputs and lags make the point unusual to the forest over the values; asked before the point is learned. */
  attribute(point: ViewPoint): readonly ForestAttribution[] {
    return this.#forests.value.attribute(point.value)
  }

  learn(point: ViewPoint): void {
    for (const view of VIEWS) this.#forests[view].update(point[view])
  }

  /** Periods learned so far: the number of the next one. */
  get periods(): number {
    return this.#forests.value.periods
  }

  forget(from: number, to: number): void {
    for (const view of VIEWS) this.#forests[view].forget(from, to)
  }

  adopt(from: number, to: number): void {
    for (const view of VIEWS) this.#forests[view].adopt(from, to)
  }

  save(writer: BinaryWriter): void {
    for (const view of VIEWS) writer.bytes(this.#forests[view].snapshot())
  }

  static load(reader: BinaryReader): ForestViews {
    const [value, dynamics] = VIEWS.map(() => RandomCutForest.restore(reader.nested()))
    if (value === undefined || dynamics === undefined) throw new RangeError('views')
    return new ForestViews({ value, dynamics })
  }

  get byteSize(): number {
    return VIEWS.reduce((sum, view) => sum + this.#forests[view].byteSize, 0)
  }

  dispose(): void {
    for (const view of VIEWS) this.#forests[view].dispose()
  }
}
