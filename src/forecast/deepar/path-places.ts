import type { DeepArConfig } from './config.ts'
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
export const CHUNK_ROWS = 4 * BLOCK_ROWS

export interface PathNetworkOptions {
  /** Rows side by side: the paths of one series. */
  readonly rows: number
  /** Which columns of the input are lags that may reach into a path, in the order in which they come to do so. */
  readonly drawn: readonly number[]
}

export interface PathLayer {
  /** Hidden values that the layer reads, in 16-bit integers of a row: its own, and those of the layer below. */
  readonly readsFrom: number
  readonly reads: number
  readonly weights: number
  readonly scales: number
  readonly bias: number
  readonly cells: number
}

/** Lag weights packed for so many lags that are drawn. */
export interface DrawnLags {
  readonly count: number
  readonly weights: number
}

/** Where the parts of a PathNetwork are in the kernel's memory. Positions and widths are in floats. */
export interface PathPlaces {
  readonly rows: number
  /** Cells of a layer, padded. */
  readonly cells: number
  readonly layers: readonly PathLayer[]
  readonly hidden: number
  readonly gates: number
  readonly top: number
  /** Rows of known inputs, their weights, and what they sum to. */
  readonly known: { readonly rows: number; readonly width: number; readonly weights: number; readonly sums: number }
  readonly drawn: { readonly rows: number; readonly width: number; readonly lags: readonly DrawnLags[] }
  readonly head: { readonly weights: number; readonly bias: number; readonly out: number; readonly columns: number }
}

export function takePlaces(
  plan: KernelPlan,
  config: DeepArConfig,
  inputSize: number,
  options: PathNetworkOptions,
): PathPlaces {
  const cells = padded(config.cells, LANES)
  const columns = 4 * cells
  const rows = padded(options.rows, BLOCK_ROWS)
  const knownWidth = padded(inputSize, LANES)
  const drawnCount = Math.max(1, options.drawn.length)
  const drawnWidth = padded(drawnCount, LANES)
  const headColumns = padded(headWidth(config), BLOCK_COLUMNS)
  return {
    rows,
    cells,
    layers: Array.from({ length: config.layers }, (_, l) => {
      const reads = l === 0 ? cells : 2 * cells
      return {
        readsFrom: Math.max(0, l - 1) * cells,
        reads,
        weights: plan.take((reads * columns) / 2),
        scales: plan.take(columns),
        bias: plan.take(columns),
        cells: plan.take(rows * cells),
      }
    }),
    hidden: plan.take((rows * config.layers * cells) / 2),
    gates: plan.take(CHUNK_ROWS * columns),
    top: plan.take(CHUNK_ROWS * cells),
    known: {
      rows: plan.take(KNOWN_STEPS * knownWidth),
      width: knownWidth,
      weights: plan.take(knownWidth * columns),
      sums: plan.take(KNOWN_STEPS * columns),
    },
    drawn: {
      rows: plan.take(rows * drawnWidth),
      width: drawnWidth,
      lags: Array.from({ length: drawnCount }, (_, i) => {
        return { count: i + 1, weights: plan.take((i + 1) * columns) }
      }),
    },
    head: {
      weights: plan.take(cells * headColumns),
      bias: plan.take(headColumns),
      out: plan.take(rows * headColumns),
      columns: headColumns,
    },
  }
}

/** Puts a model's weights where the network looks for them. */
export function loadWeights(
  { memory, integers }: LstmKernel,
  places: PathPlaces,
  { config, weights }: DeepArModel,
  inputSize: number,
  drawn: readonly number[],
): void {
  const part = partsOf(config, weights)
  const { cells, known } = places
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
  const knownKernel = spread(inputKernel, range(0, inputSize), known.width)
  packWeights(knownKernel, known.width, columns, memory.subarray(known.weights))
  for (const { count, weights: at } of places.drawn.lags) {
    packWeights(spread(inputKernel, drawn.slice(0, count), count), count, columns, memory.subarray(at))
  }
  places.layers.forEach((layer, l) => {
    const own = range(l === 0 ? inputSize : config.cells, config.cells)
    const below = l === 0 ? [] : [...range(0, config.cells), ...Array(cells - config.cells).fill(-1)]
    const packed = integers.subarray(2 * layer.weights, 2 * layer.weights + layer.reads * columns)
    const scales = memory.subarray(layer.scales, layer.scales + columns)
    packInt16(spread(part(`kernel${l}`), [...below, ...own], layer.reads), layer.reads, columns, packed, scales)
    spreadGates(part(`bias${l}`), { from: 0, to: 0, count: 1 }, config.cells, cells, memory.subarray(layer.bias))
  })
  packHead(part('head'), part('headBias'), memory, { ...places.head, cells })
}
