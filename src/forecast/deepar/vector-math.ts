import { ADD, type Code, get, INT_ADD, INT_SHIFT_LEFT, i32, LOAD, MAX, MIN, MUL, SUB, set } from './wasm-code.ts'

/** 2^x for x from -1/2 to 1/2 is (s + x) / (s - x), s = C0 + C2 x^2: fitted for the least relative error, which is 5e-7. */
const [C0, C2] = [2.8854081237079985, 0.11523606494577279]
/** Beyond this a sigmoid is 0 or 1, and a product of two powers is still finite. */
const EXPONENT_MAX = 58
/** Added to a float of less than 2^22, this rounds it to a whole number, which then stands in its lowest bits. */
export const ROUNDER = 1.5 * 2 ** 23

/** atanh(z) / z in powers of z^2, for z up to 1/3; relative error 2e-7. */
export const ATANH = [0.9999998354399263, 0.3333800130808604, 0.19794733813701879, 0.17113006230945382]
/** sin(pi z) / z in powers of z^2, for z up to 1/2; relative error 1e-6. */
export const SINE = [3.1415897033172535, -5.167367812325065, 2.543604957375554, -0.5583960495460782]

/** All that the kernel's functions use. */
const FLOATS = [
  ...[-EXPONENT_MAX, EXPONENT_MAX, ROUNDER, C2, C0, Math.LOG2E, 2 * Math.LOG2E, 4 * Math.LOG2E, 4095],
  ...[...ATANH, ...SINE, Number.NEGATIVE_INFINITY, -50, 0, 2 ** -32, 1e-4, 1, 2, 31, 50],
]
/** Bits of floats, and of integers; the last is what takes the rounder away from a rounded number's bits. */
export const BITS = { one: 0x3f800000, rootOfHalf: 0x3f3504f3, lowest: 1, unround: -0x4b400000 } as const
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

/** A polynomial's value, coefficients from the constant one on. */
export function polynomial(coefficients: readonly number[], x: number): Code {
  const [highest, ...rest] = coefficients.toReversed()
  return [...constant(highest!), ...rest.flatMap((one) => [...get(x), ...MUL, ...constant(one), ...ADD])]
}

/** A power of two as a fraction of two locals. */
export interface Power {
  readonly over: number
  readonly under: number
  /** One that is free to be used on the way. */
  readonly spare: number
}

/** Splits the exponents in `under` into whole numbers, in the low bits of `over`, and rests up to 1/2; s is in `spare`. */
export function splitExponents(powers: readonly Power[]): Code {
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
  ]
}

/** Replaces the exponents in `under` by fractions, all of them step by step, so that a constant is read once for all. */
export const powersOf2 = (powers: readonly Power[]): Code => [
  ...splitExponents(powers),
  // A whole power of two is added to the exponent in the bits.
  ...powers.flatMap(({ over: n, under: x, spare: s }) => [
    ...[...get(s), ...get(x), ...ADD, ...get(n), ...i32(23), ...INT_SHIFT_LEFT, ...INT_ADD, ...set(n)],
  ]),
  ...powers.flatMap(({ under: x, spare: s }) => [...get(s), ...get(x), ...SUB, ...set(x)]),
]

/** Sum and difference of a fraction's parts: what sigmoid and hyperbolic tangent are made of. */
export const both = ({ over, under }: Power): Code => [...get(over), ...get(under), ...ADD]
export const difference = ({ over, under }: Power): Code => [...get(over), ...get(under), ...SUB]
