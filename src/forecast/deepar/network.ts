import type { Rng } from '../../core/rng.ts'
import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import type { Affine } from '../distribution/likelihood.ts'
import { type DeepArConfig, type InputLayout, layoutOf } from './config.ts'
import { FusedLstm, type LstmState } from './fused-lstm.ts'
import { parameterSlots } from './parameters.ts'
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tf } from './tf.ts'
import type { WindowBatch } from './windows.ts'

export type NamedTensors = Readonly<Record<string, Tensor>>

/** The network as a graph of tensor ops: whole sequences for training, single steps for sampling. */
export class Network {
  readonly config: DeepArConfig
  readonly layout: InputLayout
  readonly #tf: Tf
  readonly #lstm: FusedLstm

  constructor(tf: Tf, config: DeepArConfig) {
    this.#tf = tf
    this.config = config
    this.layout = layoutOf(config)
    this.#lstm = new FusedLstm(tf)
  }

  /** Tensors of the weights in a flat vector. The caller disposes them. */
  load(flat: Float32Array): Record<string, Tensor> {
    const tensors: Record<string, Tensor> = {}
    for (const slot of parameterSlots(this.config)) {
      tensors[slot.name] = this.#tf.tensor(flat.slice(slot.offset, slot.offset + slot.size), [...slot.shape])
    }
    return tensors
  }

  /** Inputs [steps, batch, columns] with the embeddings of the batch's categories appended. */
  #embed(weights: NamedTensors, inputs: Tensor3D, categories: readonly Int32Array[]): Tensor3D {
    if (categories.length === 0) return inputs
    const tf = this.#tf
    const [steps, size] = inputs.shape
    const parts = categories.map((indices, i) => {
      const rows = tf.gather(weights[`embedding${i}`] as Tensor2D, tf.tensor1d(indices, 'int32'))
      return rows.expandDims(0).tile([steps, 1, 1]) as Tensor3D
    })
    void size
    return tf.concat([inputs, ...parts], 2)
  }

  #layerWeights(weights: NamedTensors, layer: number) {
    return { kernel: weights[`kernel${layer}`] as Tensor2D, bias: weights[`bias${layer}`] as Tensor1D }
  }

  /** One mask a sequence, the same at each of its steps (Gal and Ghahramani 2016), scaled to keep the mean. */
  #dropout(x: Tensor3D, rng: Rng | undefined): Tensor3D {
    const { dropout } = this.config
    if (rng === undefined || dropout === 0) return x
    const [, size, cells] = x.shape
    const mask = new Float32Array(size * cells)
    for (let i = 0; i < mask.length; i++) mask[i] = rng.uniform() < dropout ? 0 : 1 / (1 - dropout)
    return x.mul(this.#tf.tensor3d(mask, [1, size, cells]))
  }

  /**
   * Raw outputs of the likelihood, [steps * batch, rawSize], differentiable in the weights. The location is the
   * network's own plus a mixture of copied lags: a softmax over gates chooses among them and nothing.
   */
  rawOutputs(weights: NamedTensors, batch: WindowBatch, dropout: Rng | undefined): Tensor2D {
    const tf = this.#tf
    const inputs = tf.tensor3d(batch.inputs, [batch.steps, batch.size, this.layout.size])
    let x = this.#embed(weights, inputs, batch.categories)
    for (let layer = 0; layer < this.config.layers; layer++) {
      x = this.#dropout(this.#lstm.layer(x, this.#layerWeights(weights, layer)), dropout)
    }
    const flat = x.reshape([batch.steps * batch.size, this.config.cells]) as Tensor2D
    const out = tf.add(tf.matMul(flat, weights['head'] as Tensor2D), weights['headBias']!) as Tensor2D
    const { copied } = this.config
    if (copied === 0) return out
    const { rawSize } = LIKELIHOOD_BY_NAME[this.config.likelihood]
    const gates = tf.softmax(out.slice([0, rawSize], [-1, copied + 1]))
    const lags = inputs.slice([0, 0, 0], [-1, -1, copied]).reshape([batch.steps * batch.size, copied])
    const moved = gates.slice([0, 1], [-1, copied]).mul(lags).sum(1, true)
    const location = out.slice([0, 0], [-1, 1]).add(moved)
    return tf.concat([location, out.slice([0, 1], [-1, rawSize - 1])], 1) as Tensor2D
  }

  /** Mean negative log-likelihood of a batch in the network's units, as a differentiable scalar of the raw outputs. */
  loss(raw: Tensor2D, batch: WindowBatch): Tensor {
    const tf = this.#tf
    const op = tf.customGrad((...args: unknown[]) => {
      const input = args[0] as Tensor2D
      const { value, gradient } = lossAndGradient(this.config, input.dataSync() as Float32Array, batch)
      const gradFunc = (dy: Tensor) => tf.tensor2d(gradient, input.shape).mul(dy)
      return { value: tf.scalar(value), gradFunc }
    })
    return op(raw)
  }

  /** Runs all layers from their states; outputs of the head [steps * rows, head width], gates and all. */
  advance(weights: NamedTensors, inputs: Tensor3D, states: readonly LstmState[]): { head: Tensor2D; states: LstmState[] } {
    const tf = this.#tf
    const next: LstmState[] = []
    let x = inputs
    for (let layer = 0; layer < this.config.layers; layer++) {
      const run = this.#lstm.advance(x, states[layer]!, this.#layerWeights(weights, layer))
      next.push(run.state)
      x = run.output
    }
    const [steps, rows] = x.shape
    const flat = x.reshape([steps * rows, this.config.cells]) as Tensor2D
    const head = tf.add(tf.matMul(flat, weights['head'] as Tensor2D), weights['headBias']!) as Tensor2D
    return { head, states: next }
  }

  embed(weights: NamedTensors, inputs: Tensor3D, categories: readonly Int32Array[]): Tensor3D {
    return this.#embed(weights, inputs, categories)
  }

  zeroStates(rows: number): LstmState[] {
    return Array.from({ length: this.config.layers }, () => this.#lstm.zeroState(rows, this.config.cells))
  }

  dispose(): void {
    this.#lstm.dispose()
  }
}

/** Targets further from the location than this many scales are learned from as if they were this far. */
const TARGET_MAX = 50

/**
 * The batch's mean negative log-likelihood and its gradient with respect to the raw outputs. Masked steps count nothing
 * but stay in the divisor, so that a window of few values does not weigh as much as a full one. The constant ln(scale)
 * is left out: it would only make losses of different data look different.
 */
export function lossAndGradient(
  config: DeepArConfig,
  raw: Float32Array,
  batch: WindowBatch,
): { value: number; gradient: Float32Array } {
  const likelihood = LIKELIHOOD_BY_NAME[config.likelihood]
  const gradient = new Float32Array(raw.length)
  const rows = batch.steps * batch.size
  const { rawSize } = likelihood
  let sum = 0
  for (let row = 0; row < rows; row++) {
    if (batch.weights[row] === 0) continue
    const affine: Affine = batch.affines[row % batch.size]!
    const reach = TARGET_MAX * affine.scale
    const low = likelihood.support === 'real' ? affine.location - reach : 0
    const target = Math.min(affine.location + (likelihood.support === 'unit' ? 1 : reach), Math.max(low, batch.targets[row]!))
    const y = likelihood.support === 'count' ? Math.round(target) : target
    const log = likelihood.logLikelihood(raw, row * rawSize, y, affine, gradient)
    sum += log + (likelihood.support === 'real' ? Math.log(affine.scale) : 0)
  }
  for (let i = 0; i < gradient.length; i++) gradient[i] = -gradient[i]! / rows
  return { value: -sum / rows, gradient }
}
