import type { Rng } from '../../core/rng.ts'
import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import type { Affine, Likelihood } from '../distribution/likelihood.ts'
import { normalise } from './inputs.ts'
import { BLOCK_ROWS } from './kernel-code.ts'
import { type KernelPlan, LANES, padded } from './lstm-kernel.ts'
import type { DeepArModel } from './model.ts'
import type { PathNetwork } from './path-network.ts'
import type { PathSize, PathStart, Paths } from './paths.ts'
import { RANDOM_WORDS } from './student-t-code.ts'

/**
 * What paths draw, in the kernel's memory: the raw outputs of a step's distribution, copies joined, column by column; the
 * values that are drawn from them; and all that was drawn before, as the network takes it. Student-t, the default, is
 * drawn in the kernel, four paths at once; other families draw one by one.
 */
export class PathOutputs {
  readonly #plan: KernelPlan
  readonly #likelihood: Likelihood
  readonly #lags: readonly number[]
  readonly #copied: number
  readonly #samples: number
  /** Length of a column, in floats. */
  readonly #rows: number
  /** Positions, in floats. */
  readonly #raw: number
  readonly #copies: number
  readonly #values: number
  readonly #drawn: number
  readonly #random: number
  readonly #row: Float64Array

  /** Takes its places from the plan. */
  constructor(plan: KernelPlan, { config }: DeepArModel, { samples, horizon }: PathSize) {
    this.#plan = plan
    this.#likelihood = LIKELIHOOD_BY_NAME[config.likelihood]
    this.#lags = config.lags
    this.#copied = config.copied
    this.#samples = samples
    this.#rows = padded(samples, BLOCK_ROWS)
    this.#raw = plan.take(this.#likelihood.rawSize * this.#rows)
    this.#copies = plan.take((config.copied + 1) * this.#rows)
    this.#values = plan.take(this.#rows)
    this.#drawn = plan.take(horizon * this.#rows)
    this.#random = plan.take(LANES * RANDOM_WORDS)
    this.#row = new Float64Array(this.#likelihood.rawSize)
  }

  /** Begins with the first step's outputs, which all paths share. */
  start({ raw, rng }: PathStart): void {
    const { memory, words } = this.#plan.kernel
    for (let k = 0; k < this.#likelihood.rawSize; k++) {
      const column = this.#raw + k * this.#rows
      memory.fill(raw[k]!, column, column + this.#rows)
    }
    if (this.#likelihood.name !== 'student-t') return
    for (let i = 0; i < LANES * RANDOM_WORDS; i++) words[this.#random + i] = rng.uint32()
    // The last word counts, so that no generator can be in a short cycle.
    words.fill(1, this.#random + LANES * (RANDOM_WORDS - 1), this.#random + LANES * RANDOM_WORDS)
  }

  /** Copies what was drawn at step h, as the network takes it, to every so many floats of the kernel's memory. */
  copyDrawn(h: number, to: number, stride: number): void {
    const { memory } = this.#plan.kernel
    const from = this.#drawn + h * this.#rows
    for (let s = 0; s < this.#rows; s++) memory[to + s * stride] = memory[from + s]!
  }

  /**
   * Joins the copies to the location of step h: those of values that were drawn, and of known ones, which are the first
   * inputs of the step. Head outputs as PathNetwork has them.
   */
  join(h: number, { head, headColumns, inputSize }: PathNetwork, known: Float32Array): void {
    const { memory, joinCopies } = this.#plan.kernel
    const rows = this.#rows
    for (let k = 0; k < this.#copied; k++) {
      const step = h - this.#lags[k]!
      const to = this.#copies + (k + 1) * rows
      const from = this.#drawn + step * rows
      if (step >= 0) memory.copyWithin(to, from, from + rows)
      else memory.fill(known[h * inputSize + k]!, to, to + rows)
    }
    const { rawSize } = this.#likelihood
    const gates = this.#copied > 0 ? this.#copied + 1 : 0
    const [copies, raw] = [4 * this.#copies, 4 * this.#raw]
    joinCopies(4 * head, 4 * headColumns, rawSize, gates, copies, 4 * rows, raw, rows / LANES)
  }

  /** Draws step h of all paths. */
  draw(h: number, affine: Affine, rng: Rng, paths: Paths): void {
    if (this.#likelihood.name === 'student-t') this.#drawStudentT(h, affine, paths)
    else this.#drawOneByOne(h, affine, rng, paths)
  }

  #drawStudentT(h: number, { location, scale }: Affine, paths: Paths): void {
    const { memory, drawStudentT } = this.#plan.kernel
    const drawn = 4 * (this.#drawn + h * this.#rows)
    drawStudentT(4 * this.#raw, 4 * this.#rows, 4 * this.#random, this.#rows / LANES, 4 * this.#values, drawn)
    for (let s = 0; s < this.#samples; s++) {
      paths[h * this.#samples + s] = location + scale * memory[this.#values + s]!
    }
  }

  #drawOneByOne(h: number, affine: Affine, rng: Rng, paths: Paths): void {
    const { memory } = this.#plan.kernel
    for (let s = 0; s < this.#samples; s++) {
      for (let k = 0; k < this.#row.length; k++) this.#row[k] = memory[this.#raw + k * this.#rows + s]!
      const value = this.#likelihood.sample(this.#row, 0, affine, rng)
      paths[h * this.#samples + s] = value
      memory[this.#drawn + h * this.#rows + s] = normalise(value, affine)
    }
  }
}
