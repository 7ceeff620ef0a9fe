import type { Rng } from '../../core/rng.ts'
import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import type { Affine, Likelihood } from '../distribution/likelihood.ts'
import { applyCopies } from './head-loss.ts'
import { normalise } from './inputs.ts'
import type { DeepArModel } from './model.ts'
import { KNOWN_STEPS, PathNetwork } from './path-network.ts'

/** Sample paths of one series: step h of path s is at [h * samples + s]. */
export type Paths = Float64Array

export interface PathSize {
  readonly samples: number
  readonly horizon: number
}

/** Where the paths of a series begin: after the step that predicts its first unknown value. */
export interface PathStart {
  /** Raw outputs of the first step's distribution, copies joined. */
  readonly raw: Float32Array | Float64Array
  /** State after that step, laid out as StepNetwork has it. */
  readonly state: Float32Array
  readonly affine: Affine
  readonly rng: Rng
  /**
   * Writes the inputs of step h (1 to horizon - 1), embeddings included, with any value in lags that reach into the
   * paths; what is drawn counts as observed.
   */
  write(h: number, out: Float32Array, at: number): void
}

/** The drawer of a model for the size that was asked for last: making one takes longer than drawing. */
export class PathDrawers {
  readonly #model: DeepArModel
  readonly #inputSize: number
  #kept: { readonly size: PathSize; readonly drawer: PathDrawer } | undefined

  constructor(model: DeepArModel, inputSize: number) {
    this.#model = model
    this.#inputSize = inputSize
  }

  of({ samples, horizon }: PathSize): PathDrawer {
    const kept = this.#kept
    if (kept?.size.samples === samples && kept.size.horizon === horizon) return kept.drawer
    const drawer = new PathDrawer(this.#model, this.#inputSize, { samples, horizon })
    this.#kept = { size: { samples, horizon }, drawer }
    return drawer
  }
}

/** Draws the paths of one series after another, all paths of a series step by step (DeepAR, section 3.2). */
export class PathDrawer {
  readonly #model: DeepArModel
  readonly #network: PathNetwork
  readonly #likelihood: Likelihood
  readonly #size: PathSize
  /** Columns of lags that reach into a path, shortest first. */
  readonly #drawn: readonly number[]
  readonly #known: Float32Array
  readonly #scaled: Float32Array
  readonly #raw: Float64Array
  readonly #gates: Float64Array
  readonly #copies: Float32Array

  /** `inputSize`: columns of a step's input, embeddings included. */
  constructor(model: DeepArModel, inputSize: number, size: PathSize) {
    const { lags, copied, likelihood } = model.config
    this.#model = model
    this.#size = size
    this.#likelihood = LIKELIHOOD_BY_NAME[likelihood]
    this.#drawn = lags.flatMap((lag, k) => (lag < size.horizon ? [k] : [])).sort((a, b) => lags[a]! - lags[b]!)
    this.#network = new PathNetwork(model, inputSize, { rows: size.samples, drawn: this.#drawn })
    this.#known = new Float32Array(size.horizon * inputSize)
    this.#scaled = new Float32Array(size.horizon * size.samples)
    this.#raw = new Float64Array(this.#network.headSize)
    this.#gates = new Float64Array(copied + 1)
    this.#copies = new Float32Array(copied)
  }

  draw(start: PathStart): Paths {
    const { samples, horizon } = this.#size
    const { lags } = this.#model.config
    const network = this.#network
    const paths = new Float64Array(horizon * samples)
    network.start(start.state)
    for (let s = 0; s < samples; s++)
      this.#keep(0, s, this.#likelihood.sample(start.raw, 0, start.affine, start.rng), start.affine, paths)
    this.#writeKnown(start)
    for (let h = 1; h < horizon; h++) {
      const i = (h - 1) % KNOWN_STEPS
      if (i === 0) network.know(this.#known, h, Math.min(KNOWN_STEPS, horizon - h))
      let reaching = 0
      while (reaching < this.#drawn.length && lags[this.#drawn[reaching]!]! <= h) reaching++
      this.#writeDrawn(h, reaching)
      const head = network.step(i, reaching)
      for (let s = 0; s < samples; s++) {
        this.#readHead(head, h, s)
        this.#keep(h, s, this.#likelihood.sample(this.#raw, 0, start.affine, start.rng), start.affine, paths)
      }
    }
    return paths
  }

  #keep(h: number, s: number, value: number, affine: Affine, paths: Paths): void {
    const at = h * this.#size.samples + s
    paths[at] = value
    this.#scaled[at] = normalise(value, affine)
  }

  /** Lags that reach into the path are known to be unknown: 0 here, and drawn at their step. */
  #writeKnown(start: PathStart): void {
    const { lags } = this.#model.config
    const width = this.#network.inputSize
    for (let h = 1; h < this.#size.horizon; h++) {
      start.write(h, this.#known, h * width)
      for (const k of this.#drawn) if (lags[k]! <= h) this.#known[h * width + k] = 0
    }
  }

  #writeDrawn(h: number, reaching: number): void {
    const { samples } = this.#size
    const { drawnLags, drawnWidth } = this.#network
    for (let d = 0; d < reaching; d++) {
      const from = (h - this.#model.config.lags[this.#drawn[d]!]!) * samples
      for (let s = 0; s < samples; s++) drawnLags[s * drawnWidth + d] = this.#scaled[from + s]!
    }
  }

  /** Raw outputs of one path, the copies of its own values and of known ones joined. */
  #readHead(head: Float32Array, h: number, s: number): void {
    const { lags, copied } = this.#model.config
    const { headSize, headStride, inputSize } = this.#network
    for (let k = 0; k < headSize; k++) this.#raw[k] = head[s * headStride + k]!
    if (copied === 0) return
    for (let k = 0; k < copied; k++) {
      const step = h - lags[k]!
      this.#copies[k] = step >= 0 ? this.#scaled[step * this.#size.samples + s]! : this.#known[h * inputSize + k]!
    }
    applyCopies(copied, this.#raw, 0, this.#likelihood.rawSize, this.#copies, 0, this.#gates)
  }
}
