import { KernelPlan } from './lstm-kernel.ts'
import type { DeepArModel } from './model.ts'
import { PathNetwork } from './path-network.ts'
import { PathOutputs } from './path-outputs.ts'
import { KNOWN_STEPS } from './path-places.ts'
import type { PathSize, PathStart, Paths } from './paths.ts'

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
  readonly #lags: readonly number[]
  readonly #size: PathSize
  readonly #outputs: PathOutputs
  readonly #network: PathNetwork
  /** Columns of lags that reach into a path, shortest first. */
  readonly #drawn: readonly number[]
  readonly #known: Float32Array

  /** `inputSize`: columns of a step's input, embeddings included. */
  constructor(model: DeepArModel, inputSize: number, size: PathSize) {
    const { lags } = model.config
    const plan = new KernelPlan()
    this.#lags = lags
    this.#size = size
    this.#drawn = lags.flatMap((lag, k) => (lag < size.horizon ? [k] : [])).sort((a, b) => lags[a]! - lags[b]!)
    this.#outputs = new PathOutputs(plan, model, size)
    this.#network = new PathNetwork(plan, model, inputSize, { rows: size.samples, drawn: this.#drawn })
    this.#known = new Float32Array(size.horizon * inputSize)
  }

  draw(start: PathStart): Paths {
    const { samples, horizon } = this.#size
    const { affine, rng } = start
    const network = this.#network
    const outputs = this.#outputs
    const paths = new Float64Array(horizon * samples)
    network.start(start.state)
    outputs.start(start)
    outputs.draw(0, affine, rng, paths)
    this.#writeKnown(start)
    for (let h = 1; h < horizon; h++) {
      const i = (h - 1) % KNOWN_STEPS
      if (i === 0) network.know(this.#known, h, Math.min(KNOWN_STEPS, horizon - h))
      let reaching = 0
      while (reaching < this.#drawn.length && this.#lags[this.#drawn[reaching]!]! <= h) reaching++
      this.#writeDrawn(h, reaching)
      network.step(i, reaching)
      outputs.join(h, network, this.#known)
      outputs.draw(h, affine, rng, paths)
    }
    return paths
  }

  /** Lags that reach into the path are known to be unknown: 0 here, and drawn at their step. */
  #writeKnown(start: PathStart): void {
    const width = this.#network.inputSize
    for (let h = 1; h < this.#size.horizon; h++) {
      start.write(h, this.#known, h * width)
      for (const k of this.#drawn) if (this.#lags[k]! <= h) this.#known[h * width + k] = 0
    }
  }

  #writeDrawn(h: number, reaching: number): void {
    const { drawnLags, drawnWidth } = this.#network
    for (let d = 0; d < reaching; d++) {
      this.#outputs.copyDrawn(h - this.#lags[this.#drawn[d]!]!, drawnLags + d, drawnWidth)
    }
  }
}
