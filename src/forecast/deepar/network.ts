import type { Rng } from '../../core/rng.ts'
import { type DeepArConfig, type InputLayout, layoutOf } from './config.ts'
import { FusedLstm, type LstmRun } from './fused-lstm.ts'
import { headLoss } from './head-loss.ts'
import { headWidth, parameterSlots } from './parameters.ts'
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tf } from './tf.ts'
import type { WindowBatch } from './windows.ts'

export type NamedTensors = Readonly<Record<string, Tensor>>

/** The network as a graph of tensor ops: whole sequences, for training. */
export class Network {
  readonly config: DeepArConfig
  readonly layout: InputLayout
  readonly #tf: Tf
  readonly #lstm: FusedLstm
  readonly #offsets: ReadonlyMap<string, number>

  constructor(tf: Tf, config: DeepArConfig) {
    this.#tf = tf
    this.config = config
    this.layout = layoutOf(config)
    this.#lstm = new FusedLstm(tf)
    this.#offsets = new Map(parameterSlots(config).map((slot) => [slot.name, slot.offset]))
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
  embed(weights: NamedTensors, inputs: Tensor3D, categories: readonly Int32Array[]): Tensor3D {
    if (categories.length === 0) return inputs
    const tf = this.#tf
    const [steps] = inputs.shape
    const parts = categories.map((indices, i) => {
      const rows = tf.gather(weights[`embedding${i}`] as Tensor2D, tf.tensor1d(indices, 'int32'))
      return rows.expandDims(0).tile([steps, 1, 1]) as Tensor3D
    })
    return tf.concat([inputs, ...parts], 2)
  }

  #layerWeights(weights: NamedTensors, layer: number) {
    return { kernel: weights[`kernel${layer}`] as Tensor2D, bias: weights[`bias${layer}`] as Tensor1D }
  }

  /** One mask a sequence, the same at each of its steps (Gal and Ghahramani 2016), scaled to keep the mean. */
  #dropoutMask(size: number, rng: Rng | undefined): Tensor3D | undefined {
    const { dropout, cells } = this.config
    if (rng === undefined || dropout === 0) return undefined
    const mask = new Float32Array(size * cells)
    for (let i = 0; i < mask.length; i++) mask[i] = rng.uniform() < dropout ? 0 : 1 / (1 - dropout)
    return this.#tf.tensor3d(mask, [1, size, cells])
  }

  /**
   * Loss of a batch; its gradient with respect to every weight is written into `gradient`, laid out as the weights are.
   * The chain rule is written out for this one graph: the LSTM's and the matrix products' parts are ops, the head's
   * and the likelihood's run over plain arrays, where they are few operations each on few numbers.
   */
  lossAndGradient(weights: NamedTensors, batch: WindowBatch, dropout: Rng | undefined, gradient: Float32Array): number {
    const tf = this.#tf
    return tf.tidy(() => {
      const bare = tf.tensor3d(batch.inputs, [batch.steps, batch.size, this.layout.size])
      const runs: LstmRun[] = []
      const masks: (Tensor3D | undefined)[] = []
      let x = this.embed(weights, bare, batch.categories)
      for (let layer = 0; layer < this.config.layers; layer++) {
        const run = this.#lstm.forward(x, this.#layerWeights(weights, layer))
        const mask = this.#dropoutMask(batch.size, dropout)
        runs.push(run)
        masks.push(mask)
        x = mask === undefined ? run.output : run.output.mul(mask)
      }
      const flat = x.reshape([batch.steps * batch.size, this.config.cells]) as Tensor2D
      const head = tf.add(tf.matMul(flat, weights['head'] as Tensor2D), weights['headBias']!).dataSync() as Float32Array
      const width = headWidth(this.config)
      const made = headLoss(this.config, head, width, this.layout.size, batch)
      const dHead = tf.tensor2d(made.gradient, [batch.steps * batch.size, width])
      this.#put(gradient, 'head', tf.matMul(flat, dHead, true, false))
      this.#put(gradient, 'headBias', dHead.sum(0))
      let d = tf.matMul(dHead, weights['head'] as Tensor2D, false, true).reshape(runs[0]!.output.shape) as Tensor3D
      for (let layer = this.config.layers - 1; layer >= 0; layer--) {
        const mask = masks[layer]
        const back = this.#lstm.backward(runs[layer]!, mask === undefined ? d : d.mul(mask))
        this.#put(gradient, `kernel${layer}`, back.kernel)
        this.#put(gradient, `bias${layer}`, back.bias)
        d = back.x
      }
      this.#embeddingGradients(d, batch, gradient)
      return made.loss
    })
  }

  #put(gradient: Float32Array, name: string, value: Tensor): void {
    gradient.set(value.dataSync() as Float32Array, this.#offsets.get(name)!)
  }

  /** A category's row collects the gradient of every step of every window that has it. */
  #embeddingGradients(dInputs: Tensor3D, batch: WindowBatch, gradient: Float32Array): void {
    const { embeddings, cardinalities } = this.config
    if (embeddings.length === 0) return
    const width = this.layout.embedded
    const summed = dInputs.slice([0, 0, this.layout.size], [-1, -1, width]).sum(0).dataSync()
    let column = 0
    embeddings.forEach((size, c) => {
      const offset = this.#offsets.get(`embedding${c}`)!
      gradient.fill(0, offset, offset + cardinalities[c]! * size)
      for (let b = 0; b < batch.size; b++) {
        const row = offset + batch.categories[c]![b]! * size
        for (let k = 0; k < size; k++) gradient[row + k] = gradient[row + k]! + summed[b * width + column + k]!
      }
      column += size
    })
  }

  dispose(): void {
    this.#lstm.dispose()
  }
}
