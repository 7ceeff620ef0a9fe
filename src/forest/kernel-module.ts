import { KERNEL_BASE64 } from './kernel.generated.ts'

// The language's library for this project leaves out the browser's types; these are the few that are used.
interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
}

/** What src/forest/kernel exports. Addresses and counts are whole numbers of bytes and things. */
export interface Kernel {
  readonly memory: Memory
  configure(
    inputs: number,
    shingleSize: number,
    trees: number,
    sampleSize: number,
    decayFactor: number,
    initialAccept: number,
    blockLog: number,
    maxBlocks: number,
    boxMass: number,
    boxCap: number,
  ): number
  arrange(leaves: number, blocks: number, boxes: number): void
  layout(what: number): number
  initialise(slot: number, seed: bigint): void
  assembleQuery(slot: number): void
  scoreOnly(slot: number, leaveOut: boolean): void
  advance(slot: number, count: number, scoring: boolean, leaveOut: boolean): void
  drop(slot: number, from: number, to: number): number
  adopt(slot: number, from: number, to: number, share: number): number
  recount(slot: number): void
  encode(slot: number): number
  decode(slot: number): void
  plant(slot: number, tree: number, period: number, depth: number, dimension: number, cut: number, left: boolean): void
}

/** Numbers of the offsets that `Kernel.layout` gives. */
export const LAYOUT = {
  slotBytes: 0,
  treesAt: 1,
  treeBytes: 2,
  recordsAt: 3,
  blocksAt: 4,
  blockBytes: 5,
  metaAt: 6,
  blockMetaAt: 7,
  queryAt: 8,
  inputAt: 9,
  outputAt: 10,
  boxListAt: 11,
  boxesAt: 12,
  boxBytes: 13,
  codecAt: 14,
} as const

export type Layout = Readonly<Record<keyof typeof LAYOUT, number>>

let compiled: object | undefined

/** A fresh instance with a memory of its own. Compiled once, on first use. */
export function instantiateKernel(): Kernel {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNEL_BASE64), (c) => c.charCodeAt(0)))
  const abort = () => {
    throw new Error('the forest kernel stopped')
  }
  return new WebAssembly.Instance(compiled, { env: { abort } }).exports as Kernel
}

export function readLayout(kernel: Kernel): Layout {
  return Object.fromEntries(Object.entries(LAYOUT).map(([name, what]) => [name, kernel.layout(what)])) as Layout
}
