import {
  ADD,
  type Code,
  DIV,
  DOT_INT16,
  get,
  I32_ADD,
  I32_SUB,
  INT_ADD,
  INT_SHIFT_LEFT,
  i32,
  LOAD,
  LOAD_SPLAT,
  MAX,
  MIN,
  MUL,
  NARROW,
  repeat,
  STORE,
  STORE_HALF,
  SUB,
  set,
  TO_FLOAT,
  type WasmFunction,
  ZERO,
} from './wasm-code.ts'

/** Rows that a product runs side by side. Each row's sums are its own, so what a row gives cannot depend on the rest. */
export const BLOCK_ROWS = 4
/** Columns of a product that are summed side by side. */
export const BLOCK_COLUMNS = 8
/** Hidden values, between -1 and 1, as integers of the 16-bit product. */
export const INT16_ONE = 4095

/** Cells whose gates lie side by side: a vector of each gate in turn. */
export const GATE_CELLS = 4
/**
 * What weights and biases of the gates i, f, c~, o are multiplied by when they are loaded: a product then gives the
 * exponents, to base 2, of e^-i, e^-f, e^2c~ and e^-o.
 */
export const GATE_FACTORS = [-Math.LOG2E, -Math.LOG2E, 2 * Math.LOG2E, -Math.LOG2E] as const

/** 2^x for x from -1/2 to 1/2 is 1 + x (c0 + x (c1 + ...)): fitted for the least relative error, which is 2e-7. */
const POLYNOMIAL = [
  0.6931469775995571, 0.2402224208519903, 0.055507337427591216, 0.009671512647742088, 0.0013264727337446182,
]
/** Beyond this a sigmoid is 0 or 1, and a product of two powers is still finite. */
const EXPONENT_MAX = 58

/** Added to a float of less than 2^22, this rounds it to a whole number, which then stands in its lowest bits. */
const ROUNDER = 1.5 * 2 ** 23

const CONSTANTS = [-EXPONENT_MAX, EXPONENT_MAX, ROUNDER, ...POLYNOMIAL, 1, GATE_FACTORS[2], INT16_ONE]
/** Then, as integers: the bits of 1, and what takes the rounder away from a rounded number's bits. */
const INTEGERS = [127 << 23, -0x4b400000]
const [ONE_BITS_AT, ROUNDER_BITS_AT] = [CONSTANTS.length, CONSTANTS.length + 1]

/** Floats at the start of the kernel's memory that hold its constants. */
export const CONSTANT_FLOATS = 4 * (CONSTANTS.length + INTEGERS.length)

/** Constants are read from memory: V8 builds each 128-bit literal anew from two integer registers. */
export function writeConstants(memory: Float32Array): void {
  CONSTANTS.forEach((value, i) => {
    memory.fill(value, 4 * i, 4 * i + 4)
  })
  const integers = new Int32Array(memory.buffer)
  INTEGERS.forEach((value, i) => {
    integers.fill(value, 4 * (CONSTANTS.length + i), 4 * (CONSTANTS.length + i) + 4)
  })
}

const at = (index: number): Code => [...i32(0), ...LOAD(16 * index)]
const constant = (value: number): Code => at(CONSTANTS.indexOf(value))
const over = (from: number, by: Code): Code => [...get(from), ...by, ...I32_ADD, ...set(from)]
const ROWS = Array.from({ length: BLOCK_ROWS }, (_, r) => r)
const HALVES = [0, 1]

/**
 * What both products share: for blocks of 8 columns, sums of four rows by two vectors each over all inputs. A turn takes
 * one input, or a pair of 16-bit ones; longer turns are slower, since V8 then spills the sums. Locals: x, xStride, w, bias
 * or scale, out, outStride, turns, blocks; row pointers 8 to 11; turns left 12; sums from 13.
 */
function productOver(start: Code, multiply: Code, add: Code, finish: (row: number, half: number) => Code): Code {
  const [x, xStride, w, perColumn, out, outStride, turns, blocks] = [0, 1, 2, 3, 4, 5, 6, 7]
  const rows = (from: number, stride: number) => [
    ...get(from),
    ...set(8),
    ...[9, 10, 11].flatMap((row) => [...get(row - 1), ...get(stride), ...I32_ADD, ...set(row)]),
  ]
  const turn = [
    ...[...get(w), ...LOAD(), ...set(W0), ...get(w), ...LOAD(16), ...set(W1)],
    ...ROWS.flatMap((r) => accumulate(r, multiply, add)),
    ...ROWS.flatMap((r) => over(8 + r, i32(4))),
    ...over(w, i32(4 * BLOCK_COLUMNS)),
    ...[...get(12), ...i32(1), ...I32_SUB, ...set(12), ...get(12)],
  ]
  const stores = ROWS.flatMap((r) => HALVES.flatMap((half) => [...get(8 + r), ...finish(r, half), ...STORE(16 * half)]))
  return repeat(
    [...rows(x, xStride), ...start, ...get(turns), ...set(12)],
    repeat(turn),
    [...rows(out, outStride), ...stores],
    over(perColumn, i32(4 * BLOCK_COLUMNS)),
    over(out, i32(4 * BLOCK_COLUMNS)),
    [...get(blocks), ...i32(1), ...I32_SUB, ...set(blocks), ...get(blocks)],
  )
}

const sum = (row: number, half: number) => 13 + 2 * row + half
const [W0, W1, SPLAT] = [21, 22, 23] as const

/** One row's value, or pair of them, against the weights at hand. */
function accumulate(row: number, multiply: Code, add: Code): Code {
  return [
    ...[...get(8 + row), ...LOAD_SPLAT(), ...set(SPLAT)],
    ...HALVES.flatMap((half) => {
      const into = sum(row, half)
      return [...get(into), ...get(SPLAT), ...get(half === 0 ? W0 : W1), ...multiply, ...add, ...set(into)]
    }),
  ]
}

/**
 * product(x, xStride, w, bias, out, outStride, inputs, blocks): out = bias + x w for four rows. `w` lies in blocks of 8 columns, each with its rows one after the other. Every sum runs over the inputs in order,
 * one multiplication and one addition each: the result is the same on every machine and in every batch.
 */
export function productFunction(): WasmFunction {
  const start = ROWS.flatMap((r) => HALVES.flatMap((h) => [...get(3), ...LOAD(16 * h), ...set(sum(r, h))]))
  const body = productOver(start, MUL, ADD, (r, h) => get(sum(r, h)))
  return { name: 'product', parameters: 8, intLocals: 5, vectorLocals: 11, body }
}

/**
 * productInt16(x, xStride, w, scale, out, outStride, pairs, blocks): out += scale (x w) for four rows of so many pairs of
 * 16-bit integers; `scale` is one float a column. `w` lies in blocks of 8 columns, in them pairs of rows, column
 * by column. Twice as fast as in floats, and exact but for what the integers were rounded from.
 */
export function productInt16Function(): WasmFunction {
  const start = ROWS.flatMap((r) => HALVES.flatMap((h) => [...ZERO, ...set(sum(r, h))]))
  const body = productOver(start, DOT_INT16, INT_ADD, (r, h) => [
    ...[...get(8 + r), ...LOAD(16 * h), ...get(sum(r, h)), ...TO_FLOAT],
    ...[...get(3), ...LOAD(16 * h), ...MUL, ...ADD],
  ])
  return { name: 'productInt16', parameters: 8, intLocals: 5, vectorLocals: 11, body }
}

/** Code that replaces locals by 2 to their power, all of them step by step, so that a constant is read once for all. */
function powersOf2(locals: readonly number[], spare: readonly number[]): Code {
  const bits = locals.map((_, i) => spare[2 * i]!)
  const sums = locals.map((_, i) => spare[2 * i + 1]!)
  const each = (code: (x: number, i: number) => Code) => locals.flatMap(code)
  const horner = POLYNOMIAL.toReversed().flatMap((coefficient, i) =>
    each((x, k) =>
      i === 0
        ? [...constant(coefficient), ...set(sums[k]!)]
        : [...get(sums[k]!), ...get(x), ...MUL, ...constant(coefficient), ...ADD, ...set(sums[k]!)],
    ),
  )
  return [
    ...each((x) => [...get(x), ...constant(-EXPONENT_MAX), ...MAX, ...constant(EXPONENT_MAX), ...MIN, ...set(x)]),
    ...each((x, k) => [...get(x), ...constant(ROUNDER), ...ADD, ...set(bits[k]!)]),
    ...each((x, k) => [...get(x), ...get(bits[k]!), ...constant(ROUNDER), ...SUB, ...SUB, ...set(x)]),
    ...horner,
    ...each((x, k) => [...get(sums[k]!), ...get(x), ...MUL, ...constant(1), ...ADD, ...set(x)]),
    ...each((x, k) => [
      ...[...get(bits[k]!), ...i32(23), ...INT_SHIFT_LEFT, ...at(ONE_BITS_AT), ...INT_ADD],
      ...[...get(x), ...MUL, ...set(x)],
    ]),
  ]
}

/**
 * gates(g, c, h, count) and gatesInt16(g, c, h, count, q): one row's new cell and hidden state from its gates, which are
 * exponents as GATE_FACTORS makes them, side by side for four cells each; `count` such fours: c = sigmoid(f) c +
 * sigmoid(i) tanh(c~), h = sigmoid(o) tanh(c). Sigmoid times tanh is one fraction of two powers. The second also writes h
 * as 16-bit integers, at q.
 */
export function gatesFunction(int16: boolean): WasmFunction {
  const [g, c, h, left, q] = [0, 1, 2, 3, 4]
  const parameters = int16 ? 5 : 4
  const [i, f, candidate, o] = [0, 1, 2, 3].map((k) => parameters + k) as [number, number, number, number]
  const spare = [4, 5, 6, 7, 8, 9, 10, 11].map((k) => parameters + k)
  const cell = f
  const onePlus = (x: number): Code => [...get(x), ...constant(1), ...ADD]
  /** sigmoid times tanh of what the powers are: (b - 1) / ((1 + a) (b + 1)). */
  const sigmoidTimesTanh = (a: number, b: number): Code => [
    ...[...get(b), ...constant(1), ...SUB, ...onePlus(a), ...onePlus(b), ...MUL, ...DIV],
  ]
  const body = repeat(
    [i, f, candidate, o].flatMap((x, k) => [...get(g), ...LOAD(16 * k), ...set(x)]),
    powersOf2([i, f, candidate, o], spare),
    [...get(c), ...LOAD(), ...onePlus(f), ...DIV, ...sigmoidTimesTanh(i, candidate), ...ADD, ...set(cell)],
    [...get(c), ...get(cell), ...STORE()],
    [...get(cell), ...constant(GATE_FACTORS[2]), ...MUL, ...set(candidate), ...powersOf2([candidate], spare)],
    [...sigmoidTimesTanh(o, candidate), ...set(cell), ...get(h), ...get(cell), ...STORE()],
    int16
      ? [
          ...[...get(cell), ...constant(INT16_ONE), ...MUL, ...constant(ROUNDER), ...ADD],
          ...[...at(ROUNDER_BITS_AT), ...INT_ADD, ...set(cell)],
          ...[...get(q), ...get(cell), ...get(cell), ...NARROW, ...STORE_HALF(), ...over(q, i32(2 * GATE_CELLS))],
        ]
      : [],
    over(g, i32(16 * GATE_CELLS)),
    ...[c, h].map((pointer) => over(pointer, i32(4 * GATE_CELLS))),
    [...get(left), ...i32(1), ...I32_SUB, ...set(left), ...get(left)],
  )
  return { name: int16 ? 'gatesInt16' : 'gates', parameters, intLocals: 0, vectorLocals: 12, body }
}
