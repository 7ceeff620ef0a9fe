import { ADD, type Code, get, INT_ADD, INT_SHIFT_LEFT, i32, LOAD, MAX, MIN, MUL, SUB, set } from './wasm-code.ts'

/** 2^x for x from -1/2 to 1/2 is (s + x) / (s - x), s = C0 + C2 x^2: fitted for the least relative error, which is 5e-7. */
const [C0, C2] = [2.8854081237079985, 0.11523606494577279]
/** Beyond this a sigmoid is 0 or 1, and a product of two powers is still finite. */
const EXPONENT_MAX = 58
/** Added to a float of less than 2^22, this rounds it to a whole number, which then stands in its lowest bits. */
export const ROUNDER = 1.5 * 2 ** 23

const FLOATS = [-EXPONENT_MAX, EXPONENT_MAX, ROUNDER, C2, C0, 2 * Math.LOG2E, 4095]
/** What takes the rounder away from a rounded number's bits. */
export const BITS = { unround: -0x4b400000 } as const
const INTEGERS = Object.values(BITS)

/** Floats at the start of the kernel's memory that hold its constants. */
export const CONSTANT_FLOATS = 4 * (FLOATS.length + INTEGERS.length)

/** Constants are read from memory: V8 builds each 128-bit literal anew from two integer registers. */
export function writeConstants(memory: Float32Array): void {
  FLOATS.forEach((value, i) => {
    memory.fill(value, 4 * i, 4 * i + 4)
  })
  const integers = new Int32Array(memory.buffer)
  INTEGERS.forEach((value, i) => {
    integers.fill(value, 4 * (FLOATS.length + i), 4 * (FLOATS.length + i) + 4)
  })
}

function placeOf(index: number, what: number): Code {
  if (index < 0) throw new Error(`${what} is no constant of the kernel`)
  return [...i32(0), ...LOAD(16 * index)]
}

/** A float of the kernel's constants in four lanes. */
export const constant = (value: number): Code => placeOf(FLOATS.indexOf(value), value)
export const bits = (value: number): Code => placeOf(FLOATS.length + INTEGERS.indexOf(value as never), value)

/** A power of two as a fraction of two locals. */
export interface Power {
  readonly over: number
  readonly under: number
  /** One that is free to be used on the way. */
  readonly spare: number
}

/** Replaces the exponents in `under` by fractions, all of them step by step, so that a constant is read once for all. */
export function powersOf2(powers: readonly Power[]): Code {
  const each = (code: (power: Power) => Code) => powers.flatMap(code)
  return [
    ...each(({ under: x }) => [
      ...[...get(x), ...constant(-EXPONENT_MAX), ...MAX, ...constant(EXPONENT_MAX), ...MIN, ...set(x)],
    ]),
    ...each(({ over: n, under: x }) => [...get(x), ...constant(ROUNDER), ...ADD, ...set(n)]),
    ...each(({ over: n, under: x }) => [...get(x), ...get(n), ...constant(ROUNDER), ...SUB, ...SUB, ...set(x)]),
    ...each(({ under: x, spare: s }) => [
      ...[...get(x), ...get(x), ...MUL, ...constant(C2), ...MUL, ...constant(C0), ...ADD, ...set(s)],
    ]),
    // A whole power of two is added to the exponent in the bits.
    ...each(({ over: n, under: x, spare: s }) => [
      ...[...get(s), ...get(x), ...ADD, ...get(n), ...i32(23), ...INT_SHIFT_LEFT, ...INT_ADD, ...set(n)],
    ]),
    ...each(({ under: x, spare: s }) => [...get(s), ...get(x), ...SUB, ...set(x)]),
  ]
}

/** Sum and difference of a fraction's parts: what sigmoid and hyperbolic tangent are made of. */
export const both = ({ over, under }: Power): Code => [...get(over), ...get(under), ...ADD]
export const difference = ({ over, under }: Power): Code => [...get(over), ...get(under), ...SUB]
