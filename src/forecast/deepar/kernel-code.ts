import {
  ADD,
  type Code,
  DOT_INT16,
  get,
  I32_ADD,
  I32_MUL,
  INT_ADD,
  i32,
  LOAD,
  LOAD_SPLAT,
  MUL,
  over,
  repeat,
  STORE,
  set,
  TO_FLOAT,
  type WasmFunction,
  ZERO,
} from './wasm-code.ts'

/** Rows that a product runs side by side. Each row's sums are its own, so what a row gives cannot depend on the rest. */
export const BLOCK_ROWS = 4
/** Columns of a product that are summed side by side. */
export const BLOCK_COLUMNS = 8

const ROWS = Array.from({ length: BLOCK_ROWS }, (_, r) => r)
const HALVES = [0, 1]
const BLOCK_BYTES = 4 * BLOCK_COLUMNS

/** Parameters of both products; the integers' one has the scales behind them. */
const [X, X_STRIDE, W, BASE, BASE_STRIDE, OUT, OUT_STRIDE, TURNS, COLUMN_BLOCKS, ROW_BLOCKS, SCALES] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
] as const
const PARAMETERS = 10

/** Locals behind the parameters: pointers and counts, then vectors. */
const INTS = BLOCK_ROWS + 8
const VECTORS = 2 * BLOCK_ROWS + 3

const times = (count: number, local: number): Code => [...get(local), ...i32(count), ...I32_MUL]

/**
 * For blocks of 8 columns, sums of four rows by two vectors each over all inputs. A turn takes one input, or a pair of
 * 16-bit ones; longer turns are slower, since V8 then spills the sums.
 */
function productOver(int16: boolean): WasmFunction {
  const parameters = int16 ? PARAMETERS + 1 : PARAMETERS
  const row = (r: number) => parameters + r
  const int = (k: number) => row(BLOCK_ROWS) + k
  const [left, blocks, w, scales] = [int(0), int(1), int(2), int(3)]
  /** Where a block of columns begins, and where one of its rows does. */
  const [bases, outs, base, out] = [int(4), int(5), int(6), int(7)]
  const sum = (r: number, half: number) => parameters + INTS + 2 * r + half
  const [w0, w1, splat] = [0, 1, 2].map((k) => sum(BLOCK_ROWS, 0) + k) as [number, number, number]
  const [multiply, add] = int16 ? [DOT_INT16, INT_ADD] : [MUL, ADD]
  /** Code for each row's two sums, with the row's base at hand, and its output. */
  const eachSum = (code: (r: number, half: number) => Code) => [
    ...[...get(bases), ...set(base), ...get(outs), ...set(out)],
    ...ROWS.flatMap((r) => [
      ...HALVES.flatMap((half) => code(r, half)),
      ...[...over(base, get(BASE_STRIDE)), ...over(out, get(OUT_STRIDE))],
    ]),
  ]
  const fromBase = (half: number): Code => [...get(base), ...LOAD(16 * half)]
  const start = int16
    ? ROWS.flatMap((r) => HALVES.flatMap((half) => [...ZERO, ...set(sum(r, half))]))
    : eachSum((r, half) => [...fromBase(half), ...set(sum(r, half))])
  const accumulate = (r: number): Code => [
    ...[...get(row(r)), ...LOAD_SPLAT(), ...set(splat)],
    ...HALVES.flatMap((half) => {
      const into = sum(r, half)
      return [...get(into), ...get(splat), ...get(half === 0 ? w0 : w1), ...multiply, ...add, ...set(into)]
    }),
  ]
  const scaled = (r: number, half: number): Code => [
    ...[...fromBase(half), ...get(sum(r, half)), ...TO_FLOAT],
    ...[...get(scales), ...LOAD(16 * half), ...MUL, ...ADD],
  ]
  const finish = eachSum((r, half) => [
    ...[...get(out), ...(int16 ? scaled(r, half) : get(sum(r, half))), ...STORE(16 * half)],
  ])
  const columns = repeat(
    blocks,
    [...get(X), ...set(row(0)), ...get(TURNS), ...set(left)],
    ROWS.slice(1).flatMap((r) => [...get(row(r - 1)), ...get(X_STRIDE), ...I32_ADD, ...set(row(r))]),
    start,
    repeat(
      left,
      [...get(w), ...LOAD(), ...set(w0), ...get(w), ...LOAD(16), ...set(w1)],
      ROWS.flatMap(accumulate),
      ROWS.flatMap((r) => over(row(r), i32(4))),
      over(w, i32(BLOCK_BYTES)),
    ),
    finish,
    [bases, outs, scales].flatMap((pointer) => over(pointer, i32(BLOCK_BYTES))),
  )
  const body = repeat(
    ROW_BLOCKS,
    [
      ...get(W),
      ...set(w),
      ...get(BASE),
      ...set(bases),
      ...get(OUT),
      ...set(outs),
      ...get(COLUMN_BLOCKS),
      ...set(blocks),
    ],
    int16 ? [...get(SCALES), ...set(scales)] : [],
    columns,
    [...over(X, times(BLOCK_ROWS, X_STRIDE)), ...over(BASE, times(BLOCK_ROWS, BASE_STRIDE))],
    over(OUT, times(BLOCK_ROWS, OUT_STRIDE)),
  )
  const name = int16 ? 'productInt16' : 'product'
  return { name, parameters, intLocals: INTS, vectorLocals: VECTORS, body }
}

/**
 * product(x, xStride, w, base, baseStride, out, outStride, inputs, columnBlocks, rowBlocks): out = base + x w for so many
 * times four rows. `w` lies in blocks of 8 columns, each with its rows one after the other. A stride of 0 gives all rows
 * one base. Every sum runs over the inputs in order, one multiplication and one addition each: the result is the same on
 * every machine and in every batch.
 */
export const productFunction = () => productOver(false)

/**
 * productInt16(x, xStride, w, base, baseStride, out, outStride, pairs, columnBlocks, rowBlocks, scales): the same for pairs
 * of 16-bit integers, out = base + scales (x w); `scales` is one float a column. `w` lies in blocks of 8 columns, in them
 * pairs of rows, column by column. Twice as fast as in floats, and exact but for what the integers were rounded from.
 */
export const productInt16Function = () => productOver(true)
