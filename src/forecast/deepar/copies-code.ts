import { constant, type Power, powersOf2 } from './vector-math.ts'
import {
  ADD,
  type Code,
  DIV,
  get,
  I32_ADD,
  I32_MUL,
  i32,
  LOAD,
  LOAD_LANE,
  LOAD_LOW,
  MAX,
  MUL,
  over,
  repeat,
  STORE,
  SUB,
  set,
  tee,
  type WasmFunction,
  when,
} from './wasm-code.ts'

/**
 * joinCopies(head, headStride, rawSize, gates, copies, rowBytes, raw, fours): from the head's outputs, row by row, the raw
 * outputs of a distribution, column by column, for so many times four rows. `gates` outputs follow the raw ones: by their
 * softmax the columns of `copies`, of which the first is nothing and so holds zeros, are added to the location, which is
 * the first of the raw outputs; 0 gates where a model copies nothing. Columns are `rowBytes` long.
 */
export function joinCopiesFunction(): WasmFunction {
  const [head, headStride, rawSize, gates, copies, rowBytes, raw, fours] = [0, 1, 2, 3, 4, 5, 6, 7] as const
  const [left, from, at, column] = [8, 9, 10, 11] as const
  const [gathered, top, weight, total, moved] = [12, 13, 14, 15, 16] as const
  const power: Power = { over: 17, under: 18, spare: 19 }
  /** The next output of four rows, left on the stack. */
  const next: Code = [
    ...[...get(from), ...tee(at), ...LOAD_LOW, ...set(gathered)],
    ...[1, 2, 3].flatMap((lane) => [
      ...[...get(at), ...get(headStride), ...I32_ADD, ...tee(at)],
      ...[...get(gathered), ...LOAD_LANE(lane), ...set(gathered)],
    ]),
    ...[...over(from, i32(4)), ...get(gathered)],
  ]
  const eachGate = (...body: readonly Code[]): Code => [
    ...[...get(head), ...get(rawSize), ...i32(4), ...I32_MUL, ...I32_ADD, ...set(from)],
    ...[...get(gates), ...set(left), ...repeat(left, ...body)],
  ]
  const join: Code = [
    ...[...constant(-Infinity), ...set(top), ...constant(0), ...set(total), ...constant(0), ...set(moved)],
    ...eachGate([...get(top), ...next, ...MAX, ...set(top)]),
    ...[...get(copies), ...set(column)],
    ...eachGate(
      [...next, ...get(top), ...SUB, ...constant(Math.LOG2E), ...MUL, ...set(power.under), ...powersOf2([power])],
      [...get(power.over), ...get(power.under), ...DIV, ...set(weight)],
      [...get(total), ...get(weight), ...ADD, ...set(total)],
      [...get(moved), ...get(weight), ...get(column), ...LOAD(), ...MUL, ...ADD, ...set(moved)],
      over(column, get(rowBytes)),
    ),
    ...[...get(raw), ...get(raw), ...LOAD(), ...get(moved), ...get(total), ...DIV, ...ADD, ...STORE()],
  ]
  const body = repeat(
    fours,
    [...get(head), ...set(from), ...get(raw), ...set(column), ...get(rawSize), ...set(left)],
    repeat(left, [...get(column), ...next, ...STORE(), ...over(column, get(rowBytes))]),
    when(gates, join),
    [...get(head), ...get(headStride), ...i32(4), ...I32_MUL, ...I32_ADD, ...set(head)],
    [raw, copies].flatMap((pointer) => over(pointer, i32(16))),
  )
  return { name: 'joinCopies', parameters: 8, intLocals: 4, vectorLocals: 8, body }
}
