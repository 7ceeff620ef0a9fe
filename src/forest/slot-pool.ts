import { TidegaugeError } from '../core/errors.ts'
import { instantiateKernel, type Kernel, type Layout, readLayout } from './kernel-module.ts'
import type { ForestShape } from './shape.ts'

const PAGE = 65_536
const MEMORY_LIMIT = 65_535 * PAGE

/** Forests of one shape as equal slots of one growing memory. */
export class SlotPool {
  readonly kernel: Kernel
  readonly layout: Layout
  readonly #key: string
  readonly #first: number
  readonly #free: number[] = []
  #count = 0
  #used = 0
  #buffer: ArrayBuffer | undefined
  #u8 = new Uint8Array(0)
  #u16 = new Uint16Array(0)
  #u32 = new Uint32Array(0)
  #f32 = new Float32Array(0)
  #f64 = new Float64Array(0)

  constructor(key: string, shape: ForestShape) {
    const { inputs, shingleSize, trees, sampleSize, timeDecay, initialAcceptFraction } = shape.settings
    this.#key = key
    this.kernel = instantiateKernel()
    // The tables lie below the first slot and are written by `configure`.
    this.kernel.memory.grow(Math.ceil((sampleSize * 64 + inputs * shingleSize * 64 + PAGE) / PAGE))
    this.#first = this.kernel.configure(
      inputs,
      shingleSize,
      trees,
      sampleSize,
      Math.exp(-timeDecay),
      initialAcceptFraction,
      shape.blockLog,
      shape.maxBlocks,
      shape.boxMass,
      shape.boxCap,
    )
    this.layout = readLayout(this.kernel)
  }

  get key(): string {
    return this.#key
  }

  get full(): boolean {
    return this.#free.length === 0 && this.#first + (this.#count + 1) * this.layout.slotBytes > MEMORY_LIMIT
  }

  get empty(): boolean {
    return this.#used === 0
  }

  /** The address of a slot that nobody holds. */
  take(): number {
    this.#used++
    const reused = this.#free.pop()
    if (reused !== undefined) return reused
    const slot = this.#first + this.#count * this.layout.slotBytes
    this.#reserve(slot + this.layout.slotBytes)
    this.#count++
    return slot
  }

  give(slot: number): void {
    this.#used--
    this.#free.push(slot)
  }

  /** Grows in place; pages that nobody has written take no memory. */
  #reserve(bytes: number): void {
    const missing = bytes - this.kernel.memory.buffer.byteLength
    if (missing <= 0) return
    const wanted = Math.min(MEMORY_LIMIT, bytes + Math.floor(bytes / 4))
    try {
      this.kernel.memory.grow(Math.ceil((wanted - this.kernel.memory.buffer.byteLength) / PAGE))
    } catch (cause) {
      this.#used--
      throw new TidegaugeError('INTERNAL', `no memory for a forest of ${this.layout.slotBytes} bytes`, { cause })
    }
  }

  #refresh(): void {
    const buffer = this.kernel.memory.buffer
    if (this.#buffer === buffer) return
    this.#buffer = buffer
    this.#u8 = new Uint8Array(buffer)
    this.#u16 = new Uint16Array(buffer)
    this.#u32 = new Uint32Array(buffer)
    this.#f32 = new Float32Array(buffer)
    this.#f64 = new Float64Array(buffer)
  }

  // The views are of the whole memory and go stale when it grows: ask for them anew in each call.
  get u8(): Uint8Array {
    this.#refresh()
    return this.#u8
  }

  get u16(): Uint16Array {
    this.#refresh()
    return this.#u16
  }

  get u32(): Uint32Array {
    this.#refresh()
    return this.#u32
  }

  get f32(): Float32Array {
    this.#refresh()
    return this.#f32
  }

  get f64(): Float64Array {
    this.#refresh()
    return this.#f64
  }
}

const pools = new Map<string, SlotPool>()

function keyOf({ settings, blockLog, maxBlocks, boxMass, boxCap }: ForestShape): string {
  const { inputs, shingleSize, trees, sampleSize, timeDecay, initialAcceptFraction } = settings
  return [
    inputs,
    shingleSize,
    trees,
    sampleSize,
    timeDecay,
    initialAcceptFraction,
    blockLog,
    maxBlocks,
    boxMass,
    boxCap,
  ].join()
}

/** The pool for a shape that has room. */
export function poolFor(shape: ForestShape): SlotPool {
  const key = keyOf(shape)
  let pool = pools.get(key)
  if (pool === undefined || pool.full) {
    pool = new SlotPool(key, shape)
    pools.set(key, pool)
  }
  return pool
}

/** Lets the memory go when nothing uses it any more. */
export function retire(pool: SlotPool): void {
  if (pool.empty && pools.get(pool.key) === pool) pools.delete(pool.key)
}
