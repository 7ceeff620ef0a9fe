import { TidegaugeError } from '../core/errors.ts'
import { attribute, type ForestAttribution } from './attribution.ts'
import { ForestSlot } from './forest-slot.ts'
import { impute, nearestLeaf } from './imputation.ts'
import { type ForestOptions, type ForestSettings, forestSettings } from './options.ts'
import { checkValues, type PeriodValues } from './point.ts'
import { covers, joinRange } from './ranges.ts'
import { type ForestShape, forestShape } from './shape.ts'
import { decodeForest, encodeForest, type ForestState } from './snapshot.ts'
import { TreeView } from './tree-view.ts'

/** How unusual a point is, by four measures, each the mean over the trees. All are 0 until `outputAfter`. */
export interface ForestScore {
  /** Collusive displacement: how many points a cut off part leaves behind for each that it takes away. >= 0. */
  readonly codisp: number
  /** Expected inverse depth times log2(sampleSize + 1), the score of AWS's forests: about 1 is usual, 2 and up is not. */
  readonly depthScore: number
  /** Displacement: the number of points next to which this one is cut off. */
  readonly displacement: number
  /** Points per unit of half-perimeter of the box at which the point is cut off; Infinity for exact copies. */
  readonly density: number
}

/** A stored shingle near to one that was asked for. */
export interface ForestNeighbour {
  /** Shape [shingleSize x inputs], oldest period first. */
  readonly values: Float64Array
  readonly distance: number
  /** The period in which it ended. */
  readonly period: number
}

export type { PeriodValues }

/** Header words of a slot; see kernel/layout.ts. */
const WEIGHT = 8
const LEARN_FROM = 24
const RESULT_F64 = 4
const BATCH = 64
/** Values are stored as float32 less the first value seen; larger ones are taken as this, so no sum overflows. */
const VALUE_LIMIT = 2 ** 100

const NOTHING: ForestScore = { codisp: 0, depthScore: 0, displacement: 0, density: 0 }

/**
 * A robust random cut forest over a stream: says how unusual each period's values are, given all that came before.
 *
 * **What it is.** Each tree holds a sample of the stream's points, where a point is a *shingle*: the values of the last
 * `shingleSize` periods, laid end to end. A cut divides a box of points in a random dimension, chosen in proportion to
 * the box's sides, at a place drawn evenly; cutting on until every point stands alone makes the tree. A point far from
 * the others is cut off early, high up, and moves many others when it is taken away. Points come and go one at a time
 * and the tree's distribution stays exactly that of a tree built anew from the points that it holds.
 *
 * **Maths.** A point x that comes to a node with box B of n points is cut off there with probability
 * o / (r + o), r being the sum of B's sides and o the sum of the distances by which x lies outside B; else it goes down
 * the node's own cut. Nothing is drawn for a score: all four measures of `ForestScore` are expectations over that
 * insertion, so a score has no noise but the trees'. The collusive displacement of a leaf is the largest
 * n(sibling of u) / n(u) over u, the leaf and its ancestors below the root: a group that is unusual together does not
 * hide its members.
 * A point of age a weighs exp(-timeDecay a) in the samples; with W the sum of all weights so far, a tree takes a new
 * point with probability sampleSize / W in place of one drawn evenly (Chao's reservoir), which keeps the chance of being
 * held exactly proportional to the weight.
 *
 * **Complexity**, t trees of s points in d dimensions: a score takes O(t (log s + b d)), b being the leaves of the first
 * box that holds the point: about 20 for a usual point, at worst s. Learning costs the same in the tenth of the trees
 * that take the point in (at the default decay). Memory is t (10 s + kept boxes) bytes and 4 bytes for every value
 * that a held shingle covers, each once: at 50 x 256 and shingle 8 about 9 kB in the first 16 periods, 160 kB when the
 * trees are full, 250 kB in the long run. It does not grow with the stream beyond that.
 *
 * **When it fails.** It knows no calendar: what is usual on Sundays only becomes usual when enough Sundays are in the
 * sample. A slow drift is learned, not reported. Scores depend on the scales of the inputs: bring them to one scale
 * first. In many dimensions a single changed value weighs little: shingles of more than about 50 values see shapes, not
 * spikes. A level that lasts becomes usual after about 1 / timeDecay periods (`adopt` makes it so at once, `forget`
 * undoes it). While the shingles just before a point share its strange values, they hide it: score with `leaveOut`.
 * Values are kept as float32 differences from the first value of their input, and beyond +-2^100 as that.
 *
 * **Memory.** Forests of one shape lie in one WebAssembly memory. `dispose` (or `using`) gives the slot to the next
 * forest; a forest that is merely dropped gives it back when it is collected.
 *
 * ```ts
 * import { RandomCutForest } from 'tidegauge'
 *
 * using forest = new RandomCutForest({ shingleSize: 8, seed: 1 })
 * for (let t = 0; t < 2_000; t++) {
 *   const value = Math.sin(t / 10) + (t === 1_900 ? 3 : 0)
 *   const { codisp } = forest.score(value)
 *   if (codisp > 30) console.log(t, codisp, forest.expected(value))
 *   forest.update(value)
 * }
 * ```
 *
 * References: Guha, Mishra, Roy, Schrijvers, "Robust random cut forest based anomaly detection on streams", ICML 2016
 * (cuts, Definition 1; displacement, section 3); Bartos, Mullapudi, Troutman, "rrcf", JOSS 2019 (CoDisp as a ratio);
 * AWS's random-cut-forest-by-aws (expected inverse depth, imputation, internal shingling); Chao, "A general purpose
 * unequal probability sampling plan", Biometrika 1982.
 */
export class RandomCutForest {
  readonly settings: ForestSettings
  readonly #slot: ForestSlot
  readonly #shape: ForestShape
  readonly #origin: Float64Array
  #unlearned: readonly number[]
  #disposed = false

  constructor(options: ForestOptions = {}, restored?: { readonly state: ForestState; readonly slot: ForestSlot }) {
    const state = restored?.state
    this.settings = state?.settings ?? forestSettings(options)
    this.#shape = state?.shape ?? forestShape(this.settings)
    this.#origin = state?.origin ?? new Float64Array(this.settings.inputs).fill(Number.NaN)
    this.#unlearned = state?.unlearned ?? []
    this.#slot = restored?.slot ?? new ForestSlot(this.#shape)
    if (restored === undefined) this.#slot.kernel.initialise(this.#slot.at, BigInt(this.settings.seed))
  }

  /** inputs x shingleSize. */
  get dimensions(): number {
    return this.settings.inputs * this.settings.shingleSize
  }

  /** Periods taken in so far; the next one has this number. */
  get periods(): number {
    this.#mustLive()
    return this.#slot.periods
  }

  /** Shingles that were offered to the trees so far. */
  get learned(): number {
    this.#mustLive()
    return this.#slot.learned
  }

  /** True once scores are given. */
  get ready(): boolean {
    return this.learned >= this.settings.outputAfter && this.periods + 1 >= this.settings.shingleSize
  }

  /** Bytes that the forest holds now. */
  get byteSize(): number {
    return this.#slot.layout.slotBytes
  }

  /** Learns one period; gives its number. */
  update(values: PeriodValues): number {
    const number = this.periods
    this.#check(values, 1)
    this.#write(values, 0, 1, true)
    this.#advance(1, false, false)
    return number
  }

  /** The score of the shingle that would end in `values`. Changes nothing. */
  score(values: PeriodValues, options: { readonly leaveOut?: boolean } = {}): ForestScore {
    this.#check(values, 1)
    if (!this.ready) return NOTHING
    this.#write(values, 0, 1, false)
    this.#slot.kernel.scoreOnly(this.#slot.at, options.leaveOut === true)
    return this.#result(0)
  }

  /** `score`, then `update`, in one pass over the trees: the way to follow a stream. */
  process(values: PeriodValues, options: { readonly leaveOut?: boolean } = {}): ForestScore {
    this.#check(values, 1)
    const ready = this.ready
    this.#write(values, 0, 1, true)
    this.#advance(1, ready, options.leaveOut === true)
    return ready ? this.#result(0) : NOTHING
  }

  /**
   * `process` for consecutive periods, shape [periods x inputs]: the same scores as one by one, bit for bit, but each
   * tree is fetched once for all of them.
   */
  processBatch(values: ArrayLike<number>, options: { readonly leaveOut?: boolean } = {}): ForestScore[] {
    const { inputs, outputAfter, shingleSize } = this.settings
    const count = values.length / inputs
    this.#check(values, count)
    const scores: ForestScore[] = []
    for (let done = 0; done < count; done += BATCH) {
      const now = Math.min(BATCH, count - done)
      this.#write(values, done, now, true)
      const learnedBefore = this.learned
      const periodsBefore = this.periods
      const learnFrom = Math.max(shingleSize - 1, this.#slot.pool.u32[(this.#slot.at + LEARN_FROM) >>> 2]!)
      this.#advance(now, true, options.leaveOut === true)
      for (let k = 0; k < now; k++) {
        const period = periodsBefore + k
        const learned = learnedBefore + Math.max(0, period - Math.max(learnFrom, periodsBefore))
        scores.push(learned >= outputAfter && period + 1 >= shingleSize ? this.#result(k) : NOTHING)
      }
    }
    return scores
  }

  /**
   * Unlearns periods [from, to): every shingle that holds a value of them is deleted from every tree, exactly as if it
   * had never come, and those still to come that would hold one are not learned. Gives how many leaves were deleted.
   */
  forget(from: number, to: number): number {
    const { first, end } = this.#range(from, to)
    if (first >= end) return 0
    const last = end + this.settings.shingleSize - 1
    const periods = this.periods
    const { at, kernel, pool } = this.#slot
    const deleted = kernel.drop(at, first, last)
    const decay = Math.exp(-this.settings.timeDecay)
    let weight = pool.f64[(at + WEIGHT) >>> 3]!
    for (let period = Math.max(first, this.settings.shingleSize - 1); period < Math.min(last, periods); period++) {
      if (!covers(this.#unlearned, period)) weight -= decay ** (periods - 1 - period)
    }
    pool.f64[(at + WEIGHT) >>> 3] = Math.max(0, weight)
    if (last > periods) pool.u32[(at + LEARN_FROM) >>> 2] = last
    this.#unlearned = joinRange(this.#unlearned, first, last)
    return deleted
  }

  /** Makes periods [from, to) normal at once: their shingles become `share` of each tree. Gives how many were inserted. */
  adopt(from: number, to: number, share = 0.5): number {
    const { first, end } = this.#range(from, to)
    if (!(share >= 0 && share <= 1)) {
      throw new TidegaugeError('CONFIG_INVALID', `share is ${share}`, {
        where: 'share',
        hint: 'give a number from 0 to 1',
      })
    }
    const start = Math.max(first, this.settings.shingleSize - 1)
    if (start >= Math.min(end, this.periods)) return 0
    this.#slot.reserveLeaves()
    return this.#slot.kernel.adopt(this.#slot.at, start, end, share)
  }

  /** Which inputs and lags make the shingle that would end in `values` unusual, and in which direction. */
  attribute(values: PeriodValues): readonly ForestAttribution[] {
    const { view, x } = this.#query(values)
    return this.ready ? attribute(view, this.settings.trees, this.settings.inputs, x) : []
  }

  /**
   * What `values` would be expected to be, given the periods before them: conditional imputation of the newest period.
   * Shape [inputs]; NaN until `ready`. With `known`, shape [inputs], the inputs flagged there are taken as given.
   */
  expected(values: PeriodValues, known?: ArrayLike<boolean | number>): Float64Array {
    const { inputs, trees } = this.settings
    const { view, x } = this.#query(values)
    const missing = new Set<number>()
    for (let i = 0; i < inputs; i++) if (!known?.[i]) missing.add(x.length - inputs + i)
    if (!this.ready) return new Float64Array(inputs).fill(Number.NaN)
    return this.#outward(impute(view, trees, x, missing).subarray(x.length - inputs))
  }

  /** The nearest shingle (L1) among the leaves to which the one that would end in `values` leads; none before `ready`. */
  neighbour(values: PeriodValues): ForestNeighbour | undefined {
    const { view, x } = this.#query(values)
    if (!this.ready) return undefined
    let best: { entry: number; distance: number } | undefined
    for (let tree = 0; tree < this.settings.trees; tree++) {
      const found = nearestLeaf(view, tree, x, new Set())
      if (found !== undefined && (best === undefined || found.distance < best.distance)) best = found
    }
    if (best === undefined) return undefined
    return {
      values: this.#outward(view.point(best.entry)),
      distance: best.distance,
      period: view.period(best.entry),
    }
  }

  /**
   * The next `horizon` periods, shape [horizon x inputs], each imputed from the window before it. At most shingleSize
   * periods, the last of which rests on imputed values alone; NaN until `ready`. For series too young for a model.
   */
  forecast(horizon: number): Float64Array {
    const { inputs, shingleSize, trees } = this.settings
    if (!Number.isInteger(horizon) || horizon < 1 || horizon > shingleSize) {
      throw new TidegaugeError('CONFIG_INVALID', `horizon is ${horizon}`, {
        where: 'horizon',
        hint: `give a whole number from 1 to the shingle size, ${shingleSize}`,
      })
    }
    const forecast = new Float64Array(horizon * inputs).fill(Number.NaN)
    const { view, x } = this.#query(inputs === 1 ? 0 : new Float64Array(inputs))
    if (!this.ready || this.periods < shingleSize) return forecast
    const missing = new Set(Array.from({ length: inputs }, (_, i) => x.length - inputs + i))
    let window = x
    for (let step = 0; step < horizon; step++) {
      window = impute(view, trees, window, missing)
      forecast.set(this.#outward(window.subarray(x.length - inputs)), step * inputs)
      window.copyWithin(0, inputs)
    }
    return forecast
  }

  /** The shingle that would end in `values`, as stored, with a view of the trees. */
  #query(values: PeriodValues): { view: TreeView; x: Float32Array } {
    this.#check(values, 1)
    this.#write(values, 0, 1, false)
    const { at, kernel, layout, pool } = this.#slot
    kernel.assembleQuery(at)
    const query = layout.queryAt >>> 2
    const x = pool.f32.slice(query, query + this.dimensions)
    return { view: new TreeView(pool, at, layout, this.#shape), x }
  }

  /** Stored values as they came: the origin added. */
  #outward(stored: Float32Array): Float64Array {
    return Float64Array.from(stored, (value, i) => value + this.#origin[i % this.settings.inputs]!)
  }

  /** The whole state: version 1 of magic TGRF, with a checksum. A restored forest goes on with the same bits. */
  snapshot(): Uint8Array {
    this.#mustLive()
    const state = {
      settings: this.settings,
      shape: this.#shape,
      origin: this.#origin,
      unlearned: this.#unlearned,
    }
    return encodeForest(state, this.#slot)
  }

  /** Throws SNAPSHOT_INVALID or SNAPSHOT_VERSION before a forest is made. */
  static restore(bytes: Uint8Array): RandomCutForest {
    const state = decodeForest(bytes)
    const slot = new ForestSlot(state.shape, state.learned, state.periods)
    state.fill(slot)
    return new RandomCutForest({}, { state, slot })
  }

  /** Gives the memory back. The forest is not used afterwards. */
  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    this.#slot.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  #mustLive(): void {
    if (this.#disposed) throw new TidegaugeError('INTERNAL', 'the forest was disposed', { where: 'RandomCutForest' })
  }

  #range(from: number, to: number): { first: number; end: number } {
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to < from) {
      throw new TidegaugeError('INPUT_INVALID', `the range [${from}, ${to}) is none`, {
        where: 'range',
        hint: 'give two numbers of periods, the first not after the second',
      })
    }
    return { first: from, end: Math.min(to, this.periods) }
  }

  /** Learns what `#write` has put into the input area. */
  #advance(count: number, scoring: boolean, leaveOut: boolean): void {
    this.#slot.kernel.advance(this.#slot.at, count, scoring, leaveOut)
  }

  #check(values: PeriodValues, count: number): void {
    this.#mustLive()
    checkValues(values, count, this.settings.inputs)
  }

  /**
   * Puts periods [from, from + count) of `values` into the kernel's input area; `learning` fixes the origin and makes room
   * for them, by which the forest may move: what was read of its slot before is stale.
   */
  #write(values: PeriodValues, from: number, count: number, learning: boolean): void {
    if (learning) this.#slot.reserve(count)
    const { inputs } = this.settings
    const { layout, pool } = this.#slot
    const target = pool.f32
    const at = layout.inputAt >>> 2
    for (let i = 0; i < count * inputs; i++) {
      const value = typeof values === 'number' ? values : values[from * inputs + i]!
      const input = i % inputs
      let origin = this.#origin[input]!
      if (Number.isNaN(origin)) {
        origin = Math.abs(value) < VALUE_LIMIT ? value : 0
        if (learning) this.#origin[input] = origin
      }
      // + 0: a negative zero is a zero, and which of two equal zeros bounds a box is chance.
      target[at + i] = Math.max(-VALUE_LIMIT, Math.min(VALUE_LIMIT, value - origin)) + 0
    }
  }

  #result(k: number): ForestScore {
    const { trees } = this.settings
    const { layout, pool } = this.#slot
    const at = (layout.outputAt >>> 3) + k * RESULT_F64
    const out = pool.f64
    return {
      codisp: out[at]! / trees,
      depthScore: out[at + 1]! / trees,
      displacement: out[at + 2]! / trees,
      density: trees / out[at + 3]!,
    }
  }
}
