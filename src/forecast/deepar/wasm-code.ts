/** Bytes of WebAssembly instructions, as far as the LSTM kernel needs them; numbers are from the core and SIMD specifications. */
export type Code = readonly number[]

/** Unsigned LEB128. */
export function unsigned(value: number): Code {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest & 0x7f
    rest >>>= 7
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return bytes
}

/** Signed LEB128, for i32.const. */
function signed(value: number): Code {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
    bytes.push(done ? low : low | 0x80)
    if (done) return bytes
  }
}

const simd = (opcode: number, ...rest: Code): Code => [0xfd, ...unsigned(opcode), ...rest]

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number): Code => [0x21, ...unsigned(local)]
/** Sets a local and leaves its value on the stack. */
export const tee = (local: number): Code => [0x22, ...unsigned(local)]
export const i32 = (value: number): Code => [0x41, ...signed(value)]
export const I32_ADD: Code = [0x6a]
export const I32_SUB: Code = [0x6b]
export const I32_MUL: Code = [0x6c]

/** Adds to a local. */
export const over = (local: number, by: Code): Code => [...get(local), ...by, ...I32_ADD, ...set(local)]
/** Repeats the body as often as the local says, at least once; the local is 0 then. */
export const repeat = (left: number, ...body: readonly Code[]): Code => [
  ...[0x03, 0x40, ...body.flat()],
  ...[...get(left), ...i32(1), ...I32_SUB, ...tee(left), 0x0d, 0x00, 0x0b],
]

/** Runs the body where the local is not 0. */
export const when = (local: number, ...body: readonly Code[]): Code => [
  ...[...get(local), 0x04, 0x40, ...body.flat(), 0x0b],
]

export const LOAD = (offset = 0): Code => simd(0x00, 0x02, ...unsigned(offset))
export const LOAD_SPLAT = (offset = 0): Code => simd(0x09, 0x02, ...unsigned(offset))
/** Loads a float in to the first lane, the others 0, or into one lane of the vector at hand. */
export const LOAD_LOW = simd(0x5c, 0x02, 0x00)
export const LOAD_LANE = (lane: number): Code => simd(0x56, 0x02, 0x00, lane)
/** Stores the lower half of a vector. */
export const STORE_HALF = (offset = 0): Code => simd(0x5b, 0x02, ...unsigned(offset), 0x00)
export const STORE = (offset = 0): Code => simd(0x0b, 0x02, ...unsigned(offset))
export const ADD = simd(0xe4)
export const SUB = simd(0xe5)
export const MUL = simd(0xe6)
export const DIV = simd(0xe7)
/** The smaller and the larger as the processor has them; f32x4.min and max take eight instructions for the sake of -0. */
export const MIN = simd(0xea)
export const MAX = simd(0xeb)
export const SQRT = simd(0xe3)
export const TO_FLOAT = simd(0xfa)
/** Four int32 and four more to eight int16, drawn in to their range. */
export const NARROW = simd(0x85)
/** Products of eight int16 and eight, neighbours summed to four int32. */
export const DOT_INT16 = simd(0xba)
export const INT_ADD = simd(0xae)
export const INT_SUB = simd(0xb1)
export const INT_SHIFT_LEFT = simd(0xab)
/** With the sign, and without. */
export const INT_SHIFT_RIGHT = simd(0xac)
export const INT_SHIFT_RIGHT_UNSIGNED = simd(0xad)
export const OR = simd(0x50)
export const XOR = simd(0x51)

/** Four lanes of 0. */
export const ZERO: Code = simd(0x0c, ...new Uint8Array(16))

export const TYPE = { i32: 0x7f, v128: 0x7b } as const

export interface WasmFunction {
  readonly name: string
  /** Parameters are i32; locals after them are counted in this order. */
  readonly parameters: number
  readonly intLocals: number
  readonly vectorLocals: number
  readonly body: Code
}

const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes]
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()]
const section = (id: number, content: Code): Code => [id, ...sized(content)]
const text = (value: string): Code => sized([...new TextEncoder().encode(value)])

/** A module that exports its memory (of `pages` pages of 64 KiB) and functions of i32 parameters without a result. */
export function wasmModule(functions: readonly WasmFunction[], pages: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, ...list(Array(parameters).fill([TYPE.i32])), 0x00])
  const exported: Code[] = functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)])
  const bodies = functions.map(({ intLocals, vectorLocals, body }) =>
    sized([
      ...list([
        [...unsigned(intLocals), TYPE.i32],
        [...unsigned(vectorLocals), TYPE.v128],
      ]),
      ...body,
      0x0b,
    ]),
  )
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(5, list([[0x00, ...unsigned(pages)]])),
    ...section(7, list([[...text('memory'), 0x02, 0x00], ...exported])),
    ...section(10, list(bodies)),
  ])
}
