import { BITS, bits, both, constant, difference, type Power, powersOf2, ROUNDER } from './vector-math.ts'
import {
  ADD,
  type Code,
  DIV,
  get,
  I32_MUL,
  INT_ADD,
  i32,
  LOAD,
  MUL,
  NARROW,
  over,
  repeat,
  STORE,
  STORE_HALF,
  set,
  type WasmFunction,
} from './wasm-code.ts'

/** Cells whose gates lie side by side: a vector of each gate in turn. */
export const GATE_CELLS = 4
/**
 * What weights and biases of the gates i, f, c~, o are multiplied by when they are loaded: a product then gives the
 * exponents, to base 2, of e^i, e^f, e^2c~ and e^o.
 */
export const GATE_FACTORS = [Math.LOG2E, Math.LOG2E, 2 * Math.LOG2E, Math.LOG2E] as const
/** Hidden values, between -1 and 1, as integers of the 16-bit product. */
export const INT16_ONE = 4095

/** sigmoid(a) tanh(b) of what the powers are, as one fraction. */
const sigmoidTimesTanh = (a: Power, b: Power): Code => [
  ...[...get(a.over), ...difference(b), ...MUL],
  ...[...both(a), ...both(b), ...MUL, ...DIV],
]

/**
 * gates(g, c, h, hStride, fours, rows) and gatesInt16(g, c, h, hStride, fours, rows, q, qStride): new cells and hidden
 * values of rows from their gates, which are exponents as GATE_FACTORS makes them, side by side for four cells each;
 * `fours` such fours a row: c = sigmoid(f) c + sigmoid(i) tanh(c~), h = sigmoid(o) tanh(c). Gates and cells of a row lie
 * behind those of the row before. The second also writes h as 16-bit integers, at q. All cells come first and hidden
 * values then: a loop that does both waits for its divisions.
 */
export function gatesFunction(int16: boolean): WasmFunction {
  const [g, c, h, hStride, fours, rows, q, qStride] = [0, 1, 2, 3, 4, 5, 6, 7] as const
  const parameters = int16 ? 8 : 6
  const local = (k: number) => parameters + k
  const [left, gate, cell, toH, toQ] = [local(0), local(1), local(2), local(3), local(4)]
  const power = (k: number): Power => ({ over: local(5 + 3 * k), under: local(6 + 3 * k), spare: local(7 + 3 * k) })
  const [i, f, candidate] = [power(0), power(1), power(2)]
  const [o, tanh, value] = [power(0), power(1), power(2).spare]
  const cells = [
    ...[...get(g), ...set(gate), ...get(c), ...set(cell), ...get(fours), ...get(rows), ...I32_MUL, ...set(left)],
    ...repeat(
      left,
      [i, f, candidate].flatMap(({ under }, k) => [...get(gate), ...LOAD(16 * k), ...set(under)]),
      powersOf2([i, f, candidate]),
      [...get(cell), ...get(cell), ...LOAD(), ...get(f.over), ...MUL, ...both(f), ...DIV],
      [...sigmoidTimesTanh(i, candidate), ...ADD, ...STORE()],
      [...over(gate, i32(16 * GATE_CELLS)), ...over(cell, i32(4 * GATE_CELLS))],
    ),
  ]
  const integers = [
    ...[...get(value), ...constant(INT16_ONE), ...MUL, ...constant(ROUNDER), ...ADD],
    ...[...bits(BITS.unround), ...INT_ADD, ...set(value)],
    ...[...get(toQ), ...get(value), ...get(value), ...NARROW, ...STORE_HALF(), ...over(toQ, i32(2 * GATE_CELLS))],
  ]
  const hidden = repeat(
    rows,
    [...get(h), ...set(toH), ...get(fours), ...set(left), ...(int16 ? [...get(q), ...set(toQ)] : [])],
    repeat(
      left,
      [...get(g), ...LOAD(16 * 3), ...set(o.under)],
      [...get(c), ...LOAD(), ...constant(GATE_FACTORS[2]), ...MUL, ...set(tanh.under)],
      powersOf2([o, tanh]),
      [...sigmoidTimesTanh(o, tanh), ...set(value), ...get(toH), ...get(value), ...STORE()],
      int16 ? integers : [],
      over(g, i32(16 * GATE_CELLS)),
      [...over(c, i32(4 * GATE_CELLS)), ...over(toH, i32(4 * GATE_CELLS))],
    ),
    [...over(h, get(hStride)), ...(int16 ? over(q, get(qStride)) : [])],
  )
  const body = [...cells, ...hidden]
  return { name: int16 ? 'gatesInt16' : 'gates', parameters, intLocals: 5, vectorLocals: 9, body }
}
