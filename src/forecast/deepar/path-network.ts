import { INT16_ONE } from './gates-code.ts'
import { BLOCK_COLUMNS, BLOCK_ROWS } from './kernel-code.ts'
import {
  type KernelPlan,
  LANES,
  type LstmKernel,
  packHead,
  packInt16,
  packWeights,
  padded,
  spreadGates,
} from './lstm-kernel.ts'
import type { DeepArModel } from './model.ts'
import { headWidth, partsOf } from './parameters.ts'

/** Steps whose known inputs are summed in one go: each takes a row of the first layer's product. */
export const KNOWN_STEPS = BLOCK_ROWS

/** Rows whose gates are in memory at once: few enough to stay in the processor's nearest cache. */
const CHUNK_ROWS = 4 * BLOCK_ROWS

interface Layer {
  /** Hidden values that the layer reads, in 16-bit integers of a row: its own, and those of the layer below. */
  readonly readsFrom: number
  readonly reads: number
  /** Positions, in floats. */
  readonly weights: number
  readonly scales: number
  readonly bias: number
  readonly cells: number
}

/** Lag weights packed for so many lags that are drawn. */
interface DrawnLags {
  readonly count: number
  readonly weights: number
}

export interface PathNetworkOptions {
  /** Rows side by side: the paths of one series. */
  readonly rows: number
  /** Which columns of the input are lags that may reach into a path, in the order in which they come to do so. */
  readonly drawn: readonly number[]
}

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
  readonly headSize: number
  readonly #kernel: LstmKernel
  readonly #rows: number
  readonly #cells: number
  readonly #layers: readonly Layer[]
  readonly #knownRows: number
  readonly #knownFloats: number
  readonly #knownWeights: number
  readonly #known: number
  readonly #drawn: readonly DrawnLags[]
  readonly #drawnRows: number
  readonly #drawnFloats: number
  readonly #hidden: number
  readonly #gates: number
  readonly #top: number
  readonly #head: { readonly weights: number; readonly bias: number; readonly out: number; readonly columns: number }

  /** Takes its places from the plan, and then the kernel. */
  constructor(plan: KernelPlan, model: DeepArModel, inputSize: number, { rows, drawn }: PathNetworkOptions) {
    const { config } = model
    const cells = padded(config.cells, LANES)
    const columns = 4 * cells
    this.inputSize = inputSize
    this.headSize = headWidth(config)
    this.#cells = cells
    this.#rows = padded(rows, BLOCK_ROWS)
    this.#knownFloats = padded(inputSize, LANES)
    this.#knownRows = plan.take(KNOWN_STEPS * this.#knownFloats)
    this.#knownWeights = plan.take(this.#knownFloats * columns)
    this.#known = plan.take(KNOWN_STEPS * columns)
    this.#drawnFloats = padded(Math.max(1, drawn.length), LANES)
    this.#drawnRows = plan.take(this.#rows * this.#drawnFloats)
    this.#drawn = Array.from({ length: Math.max(1, drawn.length) }, (_, i) => {
      return { count: i + 1, weights: plan.take((i + 1) * columns) }
    })
    this.#layers = Array.from({ length: config.layers }, (_, l) => {
      const reads = l === 0 ? cells : 2 * cells
      return {
        readsFrom: Math.max(0, l - 1) * cells,
        reads,
        weights: plan.take((reads * columns) / 2),
        scales: plan.take(columns),
        bias: plan.take(columns),
        cells: plan.take(this.#rows * cells),
      }
    })
    this.#hidden = plan.take((this.#rows * config.layers * cells) / 2)
    this.#gates = plan.take(CHUNK_ROWS * columns)
    this.#top = plan.take(CHUNK_ROWS * cells)
    const headColumns = padded(this.headSize, BLOCK_COLUMNS)
    this.#head = {
      weights: plan.take(cells * headColumns),
      bias: plan.take(headColumns),
      out: plan.take(this.#rows * headColumns),
      columns: headColumns,
    }
    this.#kernel = plan.kernel
    this.#load(model, drawn)
  }

  #load({ config, weights }: DeepArModel, drawn: readonly number[]): void {
    const part = partsOf(config, weights)
    const { memory, integers } = this.#kernel
    const cells = this.#cells
    const columns = 4 * cells
    const spread = (kernel: Float32Array, from: readonly number[], rows: number) => {
      const out = new Float32Array(rows * columns)
      from.forEach((row, to) => {
        if (row >= 0) spreadGates(kernel, { from: row, to, count: 1 }, config.cells, cells, out)
      })
      return out
    }
    const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)
    const inputKernel = part('kernel0')
    const known = spread(inputKernel, range(0, this.inputSize), this.#knownFloats)
    packWeights(known, this.#knownFloats, columns, memory.subarray(this.#knownWeights))
    for (const { count, weights: at } of this.#drawn) {
      packWeights(spread(inputKernel, drawn.slice(0, count), count), count, columns, memory.subarray(at))
    }
    this.#layers.forEach((layer, l) => {
      const kernel = part(`kernel${l}`)
      const own = range(l === 0 ? this.inputSize : config.cells, config.cells)
      const below = l === 0 ? [] : [...range(0, config.cells), ...Array(cells - config.cells).fill(-1)]
      const packed = integers.subarray(2 * layer.weights, 2 * layer.weights + layer.reads * columns)
      const scales = memory.subarray(layer.scales, layer.scales + columns)
      packInt16(spread(kernel, [...below, ...own], layer.reads), layer.reads, columns, packed, scales)
      spreadGates(part(`bias${l}`), { from: 0, to: 0, count: 1 }, config.cells, cells, memory.subarray(layer.bias))
    })
    packHead(part('head'), part('headBias'), memory, { ...this.#head, cells })
  }

  /** Starts every path from one state, laid out as StepNetwork has it: cells of a layer, its hidden values behind them. */
  start(state: Float32Array): void {
    const { memory, integers } = this.#kernel
    const cells = this.#cells
    this.#layers.forEach((layer, l) => {
      for (let row = 0; row < this.#rows; row++) {
        const hiddenAt = 2 * this.#hidden + (row * this.#layers.length + l) * cells
        for (let i = 0; i < cells; i++) {
          memory[layer.cells + row * cells + i] = state[2 * l * cells + i]!
          integers[hiddenAt + i] = Math.round(INT16_ONE * state[(2 * l + 1) * cells + i]!)
        }
      }
    })
    memory.fill(0, this.#drawnRows, this.#drawnRows + this.#rows * this.#drawnFloats)
  }

  /** Where `step` looks for the drawn lags: value of lag `d` of row `r` is at [drawnLags + r * drawnWidth + d]. */
  get drawnLags(): number {
    return this.#drawnRows
  }

  get drawnWidth(): number {
    return this.#drawnFloats
  }

  /**
   * Sums what is known of up to four steps: `inputs` [steps, inputSize], zero where a drawn lag goes. `step(i)` then
   * takes the i-th of them.
   */
  know(inputs: Float32Array, from: number, steps: number): void {
    const { memory, product } = this.#kernel
    for (let t = 0; t < steps; t++) {
      const row = inputs.subarray((from + t) * this.inputSize, (from + t + 1) * this.inputSize)
      memory.set(row, this.#knownRows + t * this.#knownFloats)
    }
    const columns = 4 * this.#cells
    product(
      4 * this.#knownRows,
      4 * this.#knownFloats,
      4 * this.#knownWeights,
      4 * this.#layers[0]!.bias,
      0,
      4 * this.#known,
      4 * columns,
      this.#knownFloats,
      columns / BLOCK_COLUMNS,
      1,
    )
  }

  /**
   * Moves all rows one step with the i-th known step, of whose drawn lags the first `drawn` reach into the paths. The
   * head's outputs of row r are at [head + r * headColumns] of the kernel's memory.
   */
  step(i: number, drawn: number): void {
    const lags = this.#drawn[Math.max(0, drawn - 1)]!
    for (let row = 0; row < this.#rows; row += CHUNK_ROWS) {
      this.#stepChunk(row, Math.min(CHUNK_ROWS, this.#rows - row), i, lags)
    }
  }

  get head(): number {
    return this.#head.out
  }

  get headColumns(): number {
    return this.#head.columns
  }

  #stepChunk(row: number, rows: number, i: number, lags: DrawnLags): void {
    const { product, productInt16, gatesInt16 } = this.#kernel
    const cells = this.#cells
    const columns = 4 * cells
    const columnBlocks = columns / BLOCK_COLUMNS
    const rowBlocks = rows / BLOCK_ROWS
    const rowIntegers = this.#layers.length * cells
    const [gates, stride] = [4 * this.#gates, 4 * columns]
    const lagRows = 4 * (this.#drawnRows + row * this.#drawnFloats)
    const known = 4 * (this.#known + i * columns)
    const lagStride = 4 * this.#drawnFloats
    product(lagRows, lagStride, 4 * lags.weights, known, 0, gates, stride, lags.count, columnBlocks, rowBlocks)
    const hidden = 4 * this.#hidden + 2 * row * rowIntegers
    for (let l = 0; l < this.#layers.length; l++) {
      const layer = this.#layers[l]!
      const x = hidden + 2 * layer.readsFrom
      const [base, baseStride] = l === 0 ? [gates, stride] : [4 * layer.bias, 0]
      const [weights, scales, pairs] = [4 * layer.weights, 4 * layer.scales, layer.reads / 2]
      const xStride = 2 * rowIntegers
      productInt16(x, xStride, weights, base, baseStride, gates, stride, pairs, columnBlocks, rowBlocks, scales)
      const layerCells = 4 * (layer.cells + row * cells)
      gatesInt16(gates, layerCells, 4 * this.#top, 4 * cells, cells / LANES, rows, hidden + 2 * l * cells, xStride)
    }
    const head = this.#head
    const [out, outStride] = [4 * (head.out + row * head.columns), 4 * head.columns]
    const headBlocks = head.columns / BLOCK_COLUMNS
    product(4 * this.#top, 4 * cells, 4 * head.weights, 4 * head.bias, 0, out, outStride, cells, headBlocks, rowBlocks)
  }
}
