import { type DeepArConfig, layoutOf } from './config.ts'
import { BLOCK_COLUMNS, BLOCK_ROWS } from './kernel-code.ts'
import { KernelPlan, LANES, type LstmKernel, packHead, packWeights, padded, spreadGates } from './lstm-kernel.ts'
import type { DeepArModel } from './model.ts'
import { headWidth, partsOf } from './parameters.ts'

/** The head in the kernel's memory, positions in floats: its columns are padded to whole blocks. */
interface Head {
  readonly rows: number
  readonly weights: number
  readonly bias: number
  readonly out: number
  readonly columns: number
}

interface Layer {
  /** Floats of one row of [inputs, hidden], and where the hidden part begins in it. */
  readonly rowFloats: number
  readonly hiddenAt: number
  /** Positions in the kernel's memory, in floats. */
  readonly rows: number
  readonly weights: number
  readonly bias: number
}

/** For a few dozen floats a loop is faster than the views that `set` needs. */
function copy(from: Float32Array, fromAt: number, to: Float32Array, toAt: number, count: number): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i]!
}

/**
 * The network for single steps of many series, without TensorFlow: an LSTM kernel with a fixed order of summation. A
 * series' result is a function of its own inputs and state alone, bit for bit, whatever else is in the batch, and on
 * whatever machine.
 */
export class StepNetwork {
  readonly config: DeepArConfig
  /** Floats of one series' state: cell and hidden values of every layer. */
  readonly stateSize: number
  readonly inputSize: number
  readonly headSize: number
  readonly #kernel: LstmKernel
  readonly #layers: readonly Layer[]
  readonly #cells: number
  readonly #gatesAt: number
  readonly #cellsAt: number
  readonly #head: Head
  readonly #embeddings: readonly Float32Array[]

  constructor({ config, weights }: DeepArModel) {
    const part = partsOf(config, weights)
    this.config = config
    this.#cells = padded(config.cells, LANES)
    this.stateSize = 2 * config.layers * this.#cells
    const layout = layoutOf(config)
    this.inputSize = layout.size + layout.embedded
    this.headSize = headWidth(config)
    this.#embeddings = config.embeddings.map((_, i) => part(`embedding${i}`))
    const gateFloats = 4 * this.#cells
    const plan = new KernelPlan()
    this.#gatesAt = plan.take(BLOCK_ROWS * gateFloats)
    this.#cellsAt = plan.take(BLOCK_ROWS * this.#cells)
    this.#layers = Array.from({ length: config.layers }, (_, l) => {
      const hiddenAt = padded(l === 0 ? this.inputSize : this.#cells, LANES)
      const rowFloats = hiddenAt + this.#cells
      return {
        rowFloats,
        hiddenAt,
        rows: plan.take(BLOCK_ROWS * rowFloats),
        weights: plan.take(rowFloats * gateFloats),
        bias: plan.take(gateFloats),
      }
    })
    const columns = padded(this.headSize, BLOCK_COLUMNS)
    this.#head = {
      rows: plan.take(BLOCK_ROWS * this.#cells),
      weights: plan.take(this.#cells * columns),
      bias: plan.take(columns),
      out: plan.take(BLOCK_ROWS * columns),
      columns,
    }
    this.#kernel = plan.kernel
    packHead(part('head'), part('headBias'), this.#kernel.memory, { ...this.#head, cells: this.#cells })
    this.#layers.forEach((layer, l) => {
      this.#loadLayer(layer, part(`kernel${l}`), part(`bias${l}`), l === 0 ? this.inputSize : config.cells)
    })
  }

  /** Puts a layer's weights where the padded rows and gates are; all that is padding stays 0. */
  #loadLayer(layer: Layer, kernel: Float32Array, bias: Float32Array, inputs: number): void {
    const { cells } = this.config
    const columns = 4 * this.#cells
    const spread = new Float32Array(layer.rowFloats * columns)
    spreadGates(kernel, { from: 0, to: 0, count: inputs }, cells, this.#cells, spread)
    spreadGates(kernel, { from: inputs, to: layer.hiddenAt, count: cells }, cells, this.#cells, spread)
    const { memory } = this.#kernel
    packWeights(spread, layer.rowFloats, columns, memory.subarray(layer.weights, layer.weights + spread.length))
    spreadGates(bias, { from: 0, to: 0, count: 1 }, cells, this.#cells, memory.subarray(layer.bias))
  }

  /** Writes a series' embeddings behind its inputs, at `at`. */
  writeEmbeddings(categories: readonly number[], out: Float32Array, at: number): void {
    let column = at
    this.#embeddings.forEach((table, c) => {
      const width = this.config.embeddings[c]!
      const row = (categories[c] ?? 0) * width
      for (let k = 0; k < width; k++) out[column++] = table[row + k]!
    })
  }

  /**
   * Moves `count` series one step: `inputs` [count, inputSize] and each series' own state, which is changed in place.
   * The head's outputs are written to `out` [count, headSize].
   */
  step(count: number, inputs: Float32Array, states: readonly Float32Array[], out: Float32Array | Float64Array): void {
    for (let from = 0; from < count; from += BLOCK_ROWS) {
      this.#stepBlock(from, Math.min(BLOCK_ROWS, count - from), inputs, states, out)
    }
  }

  #stepBlock(
    from: number,
    rows: number,
    inputs: Float32Array,
    states: readonly Float32Array[],
    out: Float32Array | Float64Array,
  ): void {
    const { memory } = this.#kernel
    const first = this.#layers[0]!
    for (let r = 0; r < rows; r++) {
      copy(inputs, (from + r) * this.inputSize, memory, first.rows + r * first.rowFloats, this.inputSize)
    }
    this.#layers.forEach((layer, l) => {
      this.#stepLayer(layer, l, from, rows, states)
    })
    this.#stepHead(from, rows, out)
  }

  /** A layer's product takes byte positions, 4 a float. State of layer l: its cells at 2 l cells, hidden behind them. */
  #stepLayer(layer: Layer, l: number, from: number, rows: number, states: readonly Float32Array[]): void {
    const { memory, product, gates } = this.#kernel
    const cells = this.#cells
    const next = this.#layers[l + 1]
    const nextRows = next?.rows ?? this.#head.rows
    const nextFloats = next?.rowFloats ?? cells
    const stateAt = 2 * l * cells
    for (let r = 0; r < rows; r++) {
      copy(states[from + r]!, stateAt + cells, memory, layer.rows + r * layer.rowFloats + layer.hiddenAt, cells)
    }
    product(
      4 * layer.rows,
      4 * layer.rowFloats,
      4 * layer.weights,
      4 * layer.bias,
      0,
      4 * this.#gatesAt,
      16 * cells,
      layer.rowFloats,
      (4 * cells) / BLOCK_COLUMNS,
      1,
    )
    for (let r = 0; r < rows; r++) copy(states[from + r]!, stateAt, memory, this.#cellsAt + r * cells, cells)
    // Hidden values go where the next layer reads them.
    gates(4 * this.#gatesAt, 4 * this.#cellsAt, 4 * nextRows, 4 * nextFloats, cells / LANES, rows)
    for (let r = 0; r < rows; r++) {
      const state = states[from + r]!
      copy(memory, this.#cellsAt + r * cells, state, stateAt, cells)
      copy(memory, nextRows + r * nextFloats, state, stateAt + cells, cells)
    }
  }

  #stepHead(from: number, rows: number, out: Float32Array | Float64Array): void {
    const { memory, product } = this.#kernel
    const head = this.#head
    product(
      4 * head.rows,
      4 * this.#cells,
      4 * head.weights,
      4 * head.bias,
      0,
      4 * head.out,
      4 * head.columns,
      this.#cells,
      head.columns / BLOCK_COLUMNS,
      1,
    )
    for (let r = 0; r < rows; r++) {
      for (let k = 0; k < this.headSize; k++)
        out[(from + r) * this.headSize + k] = memory[head.out + r * head.columns + k]!
    }
  }
}
