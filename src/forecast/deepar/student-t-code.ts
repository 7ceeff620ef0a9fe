import { SIGMA_MIN } from '../distribution/student-t.ts'
import { INPUT_MAX } from './inputs.ts'
import { ATANH, BITS, bits, constant, type Power, polynomial, powersOf2, SINE, splitExponents } from './vector-math.ts'
import {
  ADD,
  type Code,
  DIV,
  get,
  I32_ADD,
  I32_MUL,
  INT_ADD,
  INT_SHIFT_LEFT,
  INT_SHIFT_RIGHT,
  INT_SHIFT_RIGHT_UNSIGNED,
  INT_SUB,
  i32,
  LOAD,
  MAX,
  MIN,
  MUL,
  OR,
  over,
  repeat,
  SQRT,
  STORE,
  SUB,
  set,
  TO_FLOAT,
  type WasmFunction,
  XOR,
} from './wasm-code.ts'

type Words = readonly [number, number, number, number]
/** Words of each of four generators. */
export const RANDOM_WORDS = 4

/** The next 32 bits of four generators, as core/rng.ts has them, put in `to`. */
function random([a, b, c, counter]: Words, to: number): Code {
  return [
    ...[...get(a), ...get(b), ...INT_ADD, ...get(counter), ...INT_ADD, ...set(to)],
    ...[...get(counter), ...bits(BITS.lowest), ...INT_ADD, ...set(counter)],
    ...[...get(b), ...get(b), ...i32(9), ...INT_SHIFT_RIGHT_UNSIGNED, ...XOR, ...set(a)],
    ...[...get(c), ...get(c), ...i32(3), ...INT_SHIFT_LEFT, ...INT_ADD, ...set(b)],
    ...[...get(c), ...i32(21), ...INT_SHIFT_LEFT, ...get(c), ...i32(11), ...INT_SHIFT_RIGHT_UNSIGNED, ...OR],
    ...[...get(to), ...INT_ADD, ...set(c)],
  ]
}

/** ln(1 + e^x) of two locals, by way of a power each: ln(1 + p / q) = 2 atanh(p / (2 q + p)). */
function softplus(xs: readonly number[], powers: readonly Power[]): Code {
  return [
    ...powers.flatMap(({ under }, k) => [
      ...[
        ...get(xs[k]!),
        ...constant(0),
        ...get(xs[k]!),
        ...SUB,
        ...MIN,
        ...constant(Math.LOG2E),
        ...MUL,
        ...set(under),
      ],
    ]),
    ...powersOf2(powers),
    ...powers.flatMap(({ over: p, under: q, spare: z }, k) => [
      ...[...get(p), ...get(q), ...get(q), ...ADD, ...get(p), ...ADD, ...DIV, ...set(z)],
      ...[...get(z), ...get(z), ...MUL, ...set(p)],
      ...[...get(xs[k]!), ...constant(0), ...MAX],
      ...[...get(z), ...get(z), ...ADD, ...polynomial(ATANH, p), ...MUL, ...ADD, ...set(xs[k]!)],
    ]),
  ]
}

/**
 * Replaces random bits by -2 log2(u), u the uniform number in (0, 1] that they stand for: 31 bits, the lowest set. Near 1,
 * where the logarithm is small, nothing of it is lost.
 */
function minusTwoLog2(u: number, [exponent, z, square]: readonly [number, number, number]): Code {
  return [
    ...[...get(u), ...i32(1), ...INT_SHIFT_RIGHT_UNSIGNED, ...bits(BITS.lowest), ...OR, ...TO_FLOAT, ...set(u)],
    ...[...get(u), ...bits(BITS.rootOfHalf), ...INT_SUB, ...i32(23), ...INT_SHIFT_RIGHT, ...set(exponent)],
    ...[...get(u), ...get(exponent), ...i32(23), ...INT_SHIFT_LEFT, ...INT_SUB, ...set(u)],
    ...[...get(u), ...constant(1), ...SUB, ...get(u), ...constant(1), ...ADD, ...DIV, ...set(z)],
    ...[...get(z), ...get(z), ...MUL, ...set(square)],
    ...[...constant(31), ...get(exponent), ...TO_FLOAT, ...SUB, ...set(u)],
    ...[...get(u), ...get(u), ...ADD, ...get(z), ...constant(4 * Math.LOG2E), ...MUL],
    ...[...polynomial(ATANH, square), ...MUL, ...SUB, ...set(u)],
  ]
}

/** Leaves 2^x - 1 for the x in `under`; below 1/2 nothing of it is lost. */
function powerLessOne(power: Power): Code {
  const { over: n, under: x, spare: s } = power
  return [
    ...splitExponents([power]),
    ...[...get(n), ...i32(23), ...INT_SHIFT_LEFT, ...bits(BITS.one), ...INT_ADD, ...set(n)],
    ...[...get(s), ...get(n), ...constant(1), ...SUB, ...MUL],
    ...[...get(x), ...get(n), ...constant(1), ...ADD, ...MUL, ...ADD],
    ...[...get(s), ...get(x), ...SUB, ...DIV],
  ]
}

/**
 * drawStudentT(raw, rowBytes, random, fours, values, inputs): a draw of the Student-t whose raw outputs are in columns at
 * `raw` (distribution/student-t.ts says what they mean), in the network's units, for so many times four rows; `inputs` are
 * the same values drawn in to what the network takes. With two uniform numbers u and v, sqrt(df (u^(-2 / df) - 1)) times
 * the sine of a uniform angle is Student-t (Bailey 1994): nothing is rejected, so four draws run side by side.
 */
export function drawStudentTFunction(): WasmFunction {
  const [raw, rowBytes, state, fours, values, inputs] = [0, 1, 2, 3, 4, 5] as const
  const words = [6, 7, 8, 9] as const
  const [df, sigma, u, v] = [10, 11, 12, 13] as const
  const first: Power = { over: 14, under: 15, spare: 16 }
  const second: Power = { over: 17, under: 18, spare: 19 }
  const body = [
    ...words.flatMap((word, k) => [...get(state), ...LOAD(16 * k), ...set(word)]),
    ...repeat(
      fours,
      [...get(raw), ...get(rowBytes), ...I32_ADD, ...LOAD(), ...set(df)],
      [...get(raw), ...get(rowBytes), ...i32(2), ...I32_MUL, ...I32_ADD, ...LOAD(), ...set(sigma)],
      softplus([df, sigma], [first, second]),
      [...get(df), ...constant(2), ...ADD, ...set(df), ...get(sigma), ...constant(SIGMA_MIN), ...MAX, ...set(sigma)],
      random(words, u),
      random(words, v),
      minusTwoLog2(u, [first.over, first.under, first.spare]),
      [...get(u), ...get(df), ...DIV, ...set(second.under)],
      [...powerLessOne(second), ...get(df), ...MUL, ...SQRT, ...get(sigma), ...MUL, ...set(sigma)],
      [...get(v), ...TO_FLOAT, ...constant(2 ** -32), ...MUL, ...set(v), ...get(v), ...get(v), ...MUL, ...set(u)],
      [...get(raw), ...LOAD(), ...get(v), ...polynomial(SINE, u), ...MUL, ...get(sigma), ...MUL, ...ADD, ...set(u)],
      [...get(values), ...get(u), ...STORE()],
      [...get(inputs), ...get(u), ...constant(-INPUT_MAX), ...MAX, ...constant(INPUT_MAX), ...MIN, ...STORE()],
      [raw, values, inputs].flatMap((pointer) => over(pointer, i32(16))),
    ),
    ...words.flatMap((word, k) => [...get(state), ...get(word), ...STORE(16 * k)]),
  ]
  return { name: 'drawStudentT', parameters: 6, intLocals: 0, vectorLocals: 14, body }
}
