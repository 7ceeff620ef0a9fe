import { joinCopiesFunction } from './copies-code.ts'
import { GATE_CELLS, GATE_FACTORS, gatesFunction, INT16_ONE } from './gates-code.ts'
import { BLOCK_COLUMNS, productFunction, productInt16Function } from './kernel-code.ts'
import { drawStudentTFunction } from './student-t-code.ts'
import { CONSTANT_FLOATS, writeConstants } from './vector-math.ts'
import { wasmModule } from './wasm-code.ts'

/** A product, see kernel-code.ts; all arguments are byte positions, strides in bytes, and counts. */
type Product<Scales extends number[]> = (
  x: number,
  xStride: number,
  w: number,
  base: number,
  baseStride: number,
  out: number,
  outStride: number,
  inputs: number,
  columnBlocks: number,
  rowBlocks: number,
  ...scales: Scales
) => void

/** New cells and hidden values, see gates-code.ts. */
type Gates<Integers extends number[]> = (
  g: number,
  c: number,
  h: number,
  hStride: number,
  fours: number,
  rows: number,
  ...integers: Integers
) => void

/** The kernel's functions over one linear memory. */
export interface LstmKernel {
  readonly memory: Float32Array
  /** The same memory as 16-bit integers, and as 32-bit ones. */
  readonly integers: Int16Array
  readonly words: Uint32Array
  readonly product: Product<[]>
  readonly productInt16: Product<[scales: number]>
  readonly gates: Gates<[]>
  readonly gatesInt16: Gates<[q: number, qStride: number]>
  /** See copies-code.ts. */
  joinCopies(
    head: number,
    headStride: number,
    rawSize: number,
    gates: number,
    copies: number,
    rowBytes: number,
    raw: number,
    fours: number,
  ): void
  /** See student-t-code.ts. */
  drawStudentT(raw: number, rowBytes: number, random: number, fours: number, values: number, inputs: number): void
}

// The engine's own global, of which only this is used; TypeScript knows it with the browser's library alone.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> }
}

const PAGE_BYTES = 65_536
/** Floats of a vector: cells are padded to whole vectors by cells that are always 0. */
export const LANES = 4
export const padded = (count: number, to: number) => Math.ceil(count / to) * to

/** Hands out places in the kernel's memory, behind its constants, each aligned to a vector. Positions are in floats. */
export class KernelPlan {
  #end = CONSTANT_FLOATS
  #kernel: LstmKernel | undefined

  take(floats: number): number {
    const from = this.#end
    this.#end += padded(floats, LANES)
    return from
  }

  /** The kernel with room for all that was taken, compiled when it is first asked for; nothing is taken from then on. */
  get kernel(): LstmKernel {
    this.#kernel ??= this.#compile()
    return this.#kernel
  }

  #compile(): LstmKernel {
    const functions = [
      ...[productFunction(), productInt16Function(), gatesFunction(false), gatesFunction(true)],
      ...[joinCopiesFunction(), drawStudentTFunction()],
    ]
    const bytes = wasmModule(functions, Math.ceil((4 * this.#end) / PAGE_BYTES))
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    const { buffer } = exports['memory'] as { buffer: ArrayBuffer }
    const memory = new Float32Array(buffer)
    writeConstants(memory)
    return {
      memory,
      integers: new Int16Array(buffer),
      words: new Uint32Array(buffer),
      product: exports['product'] as LstmKernel['product'],
      productInt16: exports['productInt16'] as LstmKernel['productInt16'],
      gates: exports['gates'] as LstmKernel['gates'],
      gatesInt16: exports['gatesInt16'] as LstmKernel['gatesInt16'],
      joinCopies: exports['joinCopies'] as LstmKernel['joinCopies'],
      drawStudentT: exports['drawStudentT'] as LstmKernel['drawStudentT'],
    }
  }
}

/** Weights [rows, columns] in the order that `product` reads: blocks of 8 columns, each row by row. */
export function packWeights(weights: Float32Array, rows: number, columns: number, out: Float32Array): void {
  let at = 0
  for (let block = 0; block < columns; block += BLOCK_COLUMNS) {
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < BLOCK_COLUMNS; k++) out[at++] = block + k < columns ? weights[row * columns + block + k]! : 0
    }
  }
}

/** The head [model's cells, columns], its rows padded to `cells`, and its bias, put at their positions in `memory`. */
export function packHead(
  weights: Float32Array,
  headBias: Float32Array,
  memory: Float32Array,
  { weights: at, bias, cells }: { readonly weights: number; readonly bias: number; readonly cells: number },
): void {
  const spread = new Float32Array(cells * headBias.length)
  spread.set(weights)
  packWeights(spread, cells, headBias.length, memory.subarray(at))
  memory.set(headBias, bias)
}

/**
 * Weights [rows, columns] as 16-bit integers in the order that `productInt16` reads: blocks of 8 columns, in them pairs of
 * rows, column by column. Each column has a scale of its own, written to `scales`, which undoes that of the hidden values
 * too. `rows` is even, `columns` a multiple of 8. Integers are as large as sums of `rows` products leave room for.
 */
export function packInt16(
  weights: Float32Array,
  rows: number,
  columns: number,
  out: Int16Array,
  scales: Float32Array,
): void {
  const largest = Math.min(INT16_ONE, Math.floor(2 ** 31 / (rows * INT16_ONE)) - 1)
  for (let column = 0; column < columns; column++) {
    let top = 0
    for (let row = 0; row < rows; row++) top = Math.max(top, Math.abs(weights[row * columns + column]!))
    const unit = top > 0 ? top / largest : 1
    scales[column] = unit / INT16_ONE
    const block = Math.floor(column / BLOCK_COLUMNS) * rows * BLOCK_COLUMNS
    for (let row = 0; row < rows; row++) {
      const at = block + Math.floor(row / 2) * 2 * BLOCK_COLUMNS + 2 * (column % BLOCK_COLUMNS) + (row % 2)
      out[at] = Math.round(weights[row * columns + column]! / unit)
    }
  }
}

/**
 * A layer's weights from one flat matrix, gate by gate, as the kernel wants them: multiplied by GATE_FACTORS, the gates of
 * four cells side by side, cells padded to whole fours. `count` rows from `from` on go to rows `to` on of `out`. What is
 * padding stays as it is.
 */
export function spreadGates(
  kernel: Float32Array,
  rows: { readonly from: number; readonly to: number; readonly count: number },
  cells: number,
  paddedCells: number,
  out: Float32Array,
): void {
  for (let row = 0; row < rows.count; row++) {
    for (let gate = 0; gate < 4; gate++) {
      const source = (rows.from + row) * 4 * cells + gate * cells
      const place = (rows.to + row) * 4 * paddedCells + gate * GATE_CELLS
      for (let i = 0; i < cells; i++) {
        out[place + i + 3 * GATE_CELLS * Math.floor(i / GATE_CELLS)] = GATE_FACTORS[gate]! * kernel[source + i]!
      }
    }
  }
}
