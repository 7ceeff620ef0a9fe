import { INT16_ONE } from './gates-code.ts'
import { BLOCK_COLUMNS, BLOCK_ROWS } from './kernel-code.ts'
import { type KernelPlan, LANES, type LstmKernel } from './lstm-kernel.ts'
import type { DeepArModel } from './model.ts'
import {
  CHUNK_ROWS,
  type DrawnLags,
  loadWeights,
  type PathNetworkOptions,
  type PathPlaces,
  takePlaces,
} from './path-places.ts'

/**
 * The network for many paths of one series, without TensorFlow. All paths share what is known of a step (calendar,
 * level, categories, lags that reach behind the split): its part of the first layer is summed once a step for all of
 * them, and joins as a bias. The products of hidden values, nine tenths of the work, run in 16-bit integers: hidden values
 * lie between -1 and 1, and a rounding to 1 / 4095 is far below what a drawn path scatters. Everything is a function of
 * the inputs alone, bit for bit.
 */
export class PathNetwork {
  /** Width of `inputs`: the columns of a step's input, embeddings included. */
  readonly inputSize: number
  readonly #kernel: LstmKernel
  readonly #places: PathPlaces

  /** Takes its places from the plan, and then the kernel. */
  constructor(plan: KernelPlan, model: DeepArModel, inputSize: number, options: PathNetworkOptions) {
    this.inputSize = inputSize
    this.#places = takePlaces(plan, model.config, inputSize, options)
    this.#kernel = plan.kernel
    loadWeights(this.#kernel, this.#places, model, inputSize, options.drawn)
  }

  /** Starts every path from one state, laid out as StepNetwork has it: cells of a layer, its hidden values behind them. */
  start(state: Float32Array): void {
    const { memory, integers } = this.#kernel
    const { cells, layers, rows, hidden, drawn } = this.#places
    layers.forEach((layer, l) => {
      for (let row = 0; row < rows; row++) {
        const hiddenAt = 2 * hidden + (row * layers.length + l) * cells
        for (let i = 0; i < cells; i++) {
          memory[layer.cells + row * cells + i] = state[2 * l * cells + i]!
          integers[hiddenAt + i] = Math.round(INT16_ONE * state[(2 * l + 1) * cells + i]!)
        }
      }
    })
    memory.fill(0, drawn.rows, drawn.rows + rows * drawn.width)
  }

  /** Where `step` looks for the drawn lags: value of lag `d` of row `r` is at [drawnLags + r * drawnWidth + d]. */
  get drawnLags(): number {
    return this.#places.drawn.rows
  }

  get drawnWidth(): number {
    return this.#places.drawn.width
  }

  /** The head's outputs after a step: those of row `r` begin at [head + r * headColumns] of the kernel's memory. */
  get head(): number {
    return this.#places.head.out
  }

  get headColumns(): number {
    return this.#places.head.columns
  }

  /**
   * Sums what is known of up to four steps: `inputs` [steps, inputSize], zero where a drawn lag goes. `step(i)` then
   * takes the i-th of them.
   */
  know(inputs: Float32Array, from: number, steps: number): void {
    const { memory, product } = this.#kernel
    const { cells, layers, known } = this.#places
    for (let t = 0; t < steps; t++) {
      const row = inputs.subarray((from + t) * this.inputSize, (from + t + 1) * this.inputSize)
      memory.set(row, known.rows + t * known.width)
    }
    const [x, xStride, bias, columns] = [4 * known.rows, 4 * known.width, 4 * layers[0]!.bias, 4 * cells]
    const [sums, blocks] = [4 * known.sums, columns / BLOCK_COLUMNS]
    product(x, xStride, 4 * known.weights, bias, 0, sums, 4 * columns, known.width, blocks, 1)
  }

  /** Moves all rows one step with the i-th known step, of whose drawn lags the first `drawn` reach into the paths. */
  step(i: number, drawn: number): void {
    const { rows, drawn: places } = this.#places
    const lags = places.lags[Math.max(0, drawn - 1)]!
    for (let row = 0; row < rows; row += CHUNK_ROWS) this.#stepChunk(row, Math.min(CHUNK_ROWS, rows - row), i, lags)
  }

  #stepChunk(row: number, rows: number, i: number, lags: DrawnLags): void {
    const { productInt16, gatesInt16 } = this.#kernel
    const { cells, layers, gates: gatesAt, hidden: hiddenAt, top } = this.#places
    const columnBlocks = (4 * cells) / BLOCK_COLUMNS
    const rowBlocks = rows / BLOCK_ROWS
    const [gates, stride, xStride] = [4 * gatesAt, 16 * cells, 2 * layers.length * cells]
    const hidden = 4 * hiddenAt + row * xStride
    this.#sumLags(row, rowBlocks, i, lags)
    for (let l = 0; l < layers.length; l++) {
      const layer = layers[l]!
      const [base, baseStride] = l === 0 ? [gates, stride] : [4 * layer.bias, 0]
      const [x, weights, scales] = [hidden + 2 * layer.readsFrom, 4 * layer.weights, 4 * layer.scales]
      const pairs = layer.reads / 2
      productInt16(x, xStride, weights, base, baseStride, gates, stride, pairs, columnBlocks, rowBlocks, scales)
      const layerCells = 4 * (layer.cells + row * cells)
      gatesInt16(gates, layerCells, 4 * top, 4 * cells, cells / LANES, rows, hidden + 2 * l * cells, xStride)
    }
    this.#stepHead(row, rowBlocks)
  }

  /** What is known of the step, and the drawn lags, into the first layer's gates. */
  #sumLags(row: number, rowBlocks: number, i: number, { weights, count }: DrawnLags): void {
    const { cells, drawn, known, gates } = this.#places
    const [x, xStride] = [4 * (drawn.rows + row * drawn.width), 4 * drawn.width]
    const [sums, stride, blocks] = [4 * (known.sums + 4 * i * cells), 16 * cells, (4 * cells) / BLOCK_COLUMNS]
    this.#kernel.product(x, xStride, 4 * weights, sums, 0, 4 * gates, stride, count, blocks, rowBlocks)
  }

  #stepHead(row: number, rowBlocks: number): void {
    const { cells, head, top } = this.#places
    const [out, stride, blocks] = [4 * (head.out + row * head.columns), 4 * head.columns, head.columns / BLOCK_COLUMNS]
    this.#kernel.product(4 * top, 4 * cells, 4 * head.weights, 4 * head.bias, 0, out, stride, cells, blocks, rowBlocks)
  }
}
