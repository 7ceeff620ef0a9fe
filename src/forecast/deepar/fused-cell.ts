import type { LstmState } from './fused-lstm.ts'
import {
  type NativeBackend,
  nativeBackend,
  type OpAttribute,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tf,
} from './tf.ts'

/** One layer's weights in the order that LSTMBlockCell wants its gates in: i, c, f, o against BlockLSTMV2's i, f, c, o. */
export interface CellWeights {
  readonly kernel: Tensor2D
  readonly bias: Tensor1D
  readonly peephole: Tensor1D
}

/** Swaps the second and third quarter of every row. */
function swapGates(values: Float32Array, rows: number, cells: number): Float32Array {
  const swapped = values.slice()
  for (let row = 0; row < rows; row++) {
    const at = row * 4 * cells
    swapped.set(values.subarray(at + 2 * cells, at + 3 * cells), at + cells)
    swapped.set(values.subarray(at + cells, at + 2 * cells), at + 2 * cells)
  }
  return swapped
}

/**
 * A single LSTM step as one op of the C library, LSTMBlockCell: for sampling, where steps depend on each other. It does
 * the arithmetic of one step of BlockLSTMV2 without that op's time axis, whose reshapes cost as much as the products.
 */
export class FusedCell {
  readonly #tf: Tf
  readonly #backend: NativeBackend
  readonly #attributes: readonly OpAttribute[]

  constructor(tf: Tf) {
    this.#tf = tf
    this.#backend = nativeBackend(tf)
    const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_ATTR_FLOAT, TF_FLOAT } = this.#backend.binding
    this.#attributes = [
      { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
      { name: 'forget_bias', type: TF_ATTR_FLOAT, value: 0 },
      { name: 'cell_clip', type: TF_ATTR_FLOAT, value: 0 },
      { name: 'use_peephole', type: TF_ATTR_BOOL, value: false },
    ]
  }

  /** Weights of a layer, from the flat ones of BlockLSTMV2's order. The caller disposes them. */
  load(kernel: Float32Array, bias: Float32Array): CellWeights {
    const cells = bias.length / 4
    const rows = kernel.length / bias.length
    return {
      kernel: this.#tf.tensor2d(swapGates(kernel, rows, cells), [rows, 4 * cells]),
      bias: this.#tf.tensor1d(swapGates(bias, 1, cells)),
      peephole: this.#tf.zeros([cells]),
    }
  }

  /** The state one step on, for inputs [rows, inputs]; its h is the layer's output. */
  step(x: Tensor, state: LstmState, { kernel, bias, peephole }: CellWeights): LstmState {
    const inputs = [x, state.c, state.h, kernel, peephole, peephole, peephole, bias]
    const made = this.#backend.executeMultipleOutputs('LSTMBlockCell', this.#attributes, inputs, 7)
    return { c: made[1] as Tensor2D, h: made[6] as Tensor2D }
  }
}
