import {
  ADD,
  type Code,
  DIV,
  get,
  I32_ADD,
  I32_SUB,
  INT_ADD,
  INT_SHIFT_LEFT,
  i32,
  LOAD,
  LOAD_SPLAT,
  lanes,
  MAX,
  MIN,
  MUL,
  NEAREST,
  repeat,
  STORE,
  SUB,
  set,
  TO_INT,
  type WasmFunction,
  wasmModule,
} from './wasm-code.ts'

/** Rows that the product runs side by side. Each row's sums are its own, so what a row gives cannot depend on the rest. */
export const BLOCK_ROWS = 4
/** Columns of the product that are summed side by side. */
export const BLOCK_COLUMNS = 8

const over = (from: number, by: Code): Code => [...get(from), ...by, ...I32_ADD, ...set(from)]

/**
 * product(x, xStride, w, bias, out, outStride, inputs, blocks): out = bias + x w for four rows. `w` lies in blocks of 8
 * columns, each with its rows one after the other. Every sum runs over the inputs in order, one multiplication and one
 * addition each: the result is the same on every machine and in every batch.
 */
function productFunction(): WasmFunction {
  const [x, xStride, w, bias, out, outStride, inputs, blocks] = [0, 1, 2, 3, 4, 5, 6, 7]
  const rowPointers = [8, 9, 10, 11]
  const left = 12
  const sums = Array.from({ length: 2 * BLOCK_ROWS }, (_, i) => 13 + i)
  const [w0, w1, splat] = [21, 22, 23]
  const rows = [0, 1, 2, 3]
  const startRows = rows.flatMap((r) => [
    ...(r === 0 ? get(x) : [...get(rowPointers[r - 1]!), ...get(xStride), ...I32_ADD]),
    ...set(rowPointers[r]!),
  ])
  const startSums = rows.flatMap((r) =>
    [0, 1].flatMap((half) => [...get(bias), ...LOAD(16 * half), ...set(sums[2 * r + half]!)]),
  )
  const accumulate = (r: number, half: number): Code => [
    ...get(sums[2 * r + half]!),
    ...get(splat),
    ...get(half === 0 ? w0 : w1),
    ...MUL,
    ...ADD,
    ...set(sums[2 * r + half]!),
  ]
  const oneInput = [
    ...get(w),
    ...LOAD(0),
    ...set(w0),
    ...get(w),
    ...LOAD(16),
    ...set(w1),
    ...rows.flatMap((r) => [
      ...get(rowPointers[r]!),
      ...LOAD_SPLAT(),
      ...set(splat),
      ...accumulate(r, 0),
      ...accumulate(r, 1),
      ...over(rowPointers[r]!, i32(4)),
    ]),
    ...over(w, i32(4 * BLOCK_COLUMNS)),
    ...get(left),
    ...i32(1),
    ...I32_SUB,
    ...set(left),
    ...get(left),
  ]
  const storeSums = rows.flatMap((r) => [
    ...(r === 0 ? get(out) : [...get(rowPointers[r - 1]!), ...get(outStride), ...I32_ADD]),
    ...set(rowPointers[r]!),
    ...[0, 1].flatMap((half) => [...get(rowPointers[r]!), ...get(sums[2 * r + half]!), ...STORE(16 * half)]),
  ])
  const body = repeat(
    startRows,
    startSums,
    [...get(inputs), ...set(left)],
    repeat(oneInput),
    storeSums,
    over(bias, i32(4 * BLOCK_COLUMNS)),
    over(out, i32(4 * BLOCK_COLUMNS)),
    [...get(blocks), ...i32(1), ...I32_SUB, ...set(blocks), ...get(blocks)],
  )
  return { name: 'product', parameters: 8, intLocals: 5, vectorLocals: 11, body }
}

/** Cephes' expf, four lanes: reduction by ln 2 in two parts, a polynomial of degree 5, relative error below 2e-7. */
const EXP_COEFFICIENTS = [1.9875691e-4, 1.3981999e-3, 8.3334519e-3, 4.1665795e-2, 1.6666665e-1, 5e-1]

/** Code that replaces local `x` by exp(x); `n` and `p` are spare locals. */
function expInto(x: number, n: number, p: number): Code {
  const polynomial = EXP_COEFFICIENTS.slice(1).flatMap((coefficient) => [
    ...get(p),
    ...get(x),
    ...MUL,
    ...lanes(coefficient),
    ...ADD,
    ...set(p),
  ])
  return [
    ...[...get(x), ...lanes(-87), ...MAX, ...lanes(87), ...MIN, ...set(x)],
    ...[...get(x), ...lanes(Math.LOG2E), ...MUL, ...NEAREST, ...set(n)],
    ...[...get(x), ...get(n), ...lanes(0.693359375), ...MUL, ...SUB, ...set(x)],
    ...[...get(x), ...get(n), ...lanes(-2.1219444e-4), ...MUL, ...SUB, ...set(x)],
    ...[...lanes(EXP_COEFFICIENTS[0]!), ...set(p)],
    ...polynomial,
    ...[...get(p), ...get(x), ...MUL, ...get(x), ...MUL, ...get(x), ...ADD, ...lanes(1), ...ADD],
    ...[...get(n), ...TO_INT, ...lanes(127, 'i32'), ...INT_ADD, ...i32(23), ...INT_SHIFT_LEFT],
    ...[...MUL, ...set(x)],
  ]
}

/**
 * gates(g, c, h, size, left): one row's new cell and hidden state from its gates i, f, c~, o, each `size` bytes wide:
 * c = sigmoid(f) c + sigmoid(i) tanh(c~), h = sigmoid(o) tanh(c).
 */
function gatesFunction(): WasmFunction {
  const [g, c, h, size, left] = [0, 1, 2, 3, 4]
  const at = 5
  const [a, b, n, p, cell] = [6, 7, 8, 9, 10]
  const load = (gate: number): Code => [
    ...get(g),
    ...set(at),
    ...Array.from({ length: gate }, () => over(at, get(size))).flat(),
    ...get(at),
    ...LOAD(),
  ]
  // 1 / (1 + exp(-factor x)) of what is on the stack.
  const sigmoid = (into: number, factor: number): Code => [
    ...[...lanes(-factor), ...MUL, ...set(into)],
    ...expInto(into, n, p),
    ...[...lanes(1), ...lanes(1), ...get(into), ...ADD, ...DIV, ...set(into)],
  ]
  const tanh = (into: number): Code => [
    ...sigmoid(into, 2),
    ...get(into),
    ...lanes(2),
    ...MUL,
    ...lanes(1),
    ...SUB,
    ...set(into),
  ]
  const body = repeat(
    [...load(1), ...sigmoid(a, 1), ...get(c), ...LOAD(), ...get(a), ...MUL, ...set(cell)],
    [...load(0), ...sigmoid(a, 1), ...load(2), ...tanh(b)],
    [...get(a), ...get(b), ...MUL, ...get(cell), ...ADD, ...set(cell)],
    [...get(c), ...get(cell), ...STORE()],
    [...get(cell), ...tanh(b), ...load(3), ...sigmoid(a, 1)],
    [...get(h), ...get(a), ...get(b), ...MUL, ...STORE()],
    over(g, i32(16)),
    over(c, i32(16)),
    over(h, i32(16)),
    [...get(left), ...i32(16), ...I32_SUB, ...set(left), ...get(left)],
  )
  return { name: 'gates', parameters: 5, intLocals: 1, vectorLocals: 5, body }
}

/** The kernel's two functions, over one linear memory; all arguments are byte positions and counts. */
export interface LstmKernel {
  readonly memory: Float32Array
  product(
    x: number,
    xStride: number,
    w: number,
    bias: number,
    out: number,
    outStride: number,
    inputs: number,
    blocks: number,
  ): void
  gates(g: number, c: number, h: number, size: number, left: number): void
}

// The engine's own global, of which only this is used; TypeScript knows it with the browser's library alone.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> }
}

const PAGE_BYTES = 65_536

/** Compiles the kernel with room for so many floats. */
export function makeLstmKernel(floats: number): LstmKernel {
  const bytes = wasmModule([productFunction(), gatesFunction()], Math.ceil((4 * floats) / PAGE_BYTES))
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
  const { buffer } = exports['memory'] as { buffer: ArrayBuffer }
  return {
    memory: new Float32Array(buffer),
    product: exports['product'] as LstmKernel['product'],
    gates: exports['gates'] as LstmKernel['gates'],
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
