import { TidegaugeError } from '../core/errors.ts'
import { Extents } from './extents.ts'
import { instantiateKernel, type Kernel, type Layout, readLayout } from './kernel-module.ts'
import { type ForestShape, type SlotSize, slotSizes } from './shape.ts'

const PAGE = 65_536
const MEMORY_LIMIT = 65_535 * PAGE

/** Forests of one shape as slots of a few sizes in one growing memory. */
export class SlotPool {
  readonly sizes: readonly SlotSize[]
  readonly #key: string
  readonly #kernel: Kernel
  readonly #layouts: readonly Layout[]
  readonly #extents: Extents
  #arranged: number
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
    this.sizes = slotSizes(shape)
    this.#kernel = instantiateKernel()
    // The tables lie below the first slot and are written by `configure`.
    this.#kernel.memory.grow(Math.ceil((sampleSize * 64 + inputs * shingleSize * 64 + PAGE) / PAGE))
    const first = this.#kernel.configure(
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
    this.#extents = new Extents(first, MEMORY_LIMIT)
    this.#layouts = this.sizes.map(({ leaves, blocks, boxes }) => {
      this.#kernel.arrange(leaves, blocks, boxes)
      return readLayout(this.#kernel)
    })
    this.#arranged = this.largest
  }

  get key(): string {
    return this.#key
  }

  /** The last of the sizes. */
  get largest(): number {
    return this.sizes.length - 1
  }

  /** Where things lie in slots of a size. */
  layoutOf(size: number): Layout {
    return this.#layouts[size]!
  }

  /** The kernel, arranged for slots of a size: ask for it anew in each call. */
  kernelFor(size: number): Kernel {
    if (size !== this.#arranged) {
      const { leaves, blocks, boxes } = this.sizes[size]!
      this.#kernel.arrange(leaves, blocks, boxes)
      this.#arranged = size
    }
    return this.#kernel
  }

  /** No slot of the largest size fits any more. */
  get full(): boolean {
    return !this.#extents.hasRoom(this.layoutOf(this.largest).slotBytes)
  }

  get empty(): boolean {
    return this.#used === 0
  }

  /** The address of a slot that nobody holds. */
  take(size: number): number {
    const { slotBytes } = this.layoutOf(size)
    const slot = this.#extents.take(slotBytes)
    try {
      this.#reserve(this.#extents.end)
    } catch (cause) {
      this.#extents.give(slot, slotBytes)
      throw new TidegaugeError('INTERNAL', `no memory for a forest of ${slotBytes} bytes`, { cause })
    }
    this.#used++
    return slot
  }

  give(slot: number, size: number): void {
    this.#used--
    this.#extents.give(slot, this.layoutOf(size).slotBytes)
  }

  /** Grows in place; pages that nobody has written take no memory. */
  #reserve(bytes: number): void {
    const missing = bytes - this.#kernel.memory.buffer.byteLength
    if (missing <= 0) return
    const wanted = Math.min(MEMORY_LIMIT, bytes + Math.floor(bytes / 4))
    this.#kernel.memory.grow(Math.ceil((wanted - this.#kernel.memory.buffer.byteLength) / PAGE))
  }

  #refresh(): void {
    const buffer = this.#kernel.memory.buffer
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

const pools = new Map<string, SlotPool[]>()

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

/** A pool for the shape that has room for any of its sizes. */
export function poolFor(shape: ForestShape): SlotPool {
  const key = keyOf(shape)
  const known = pools.get(key) ?? []
  const roomy = known.find((pool) => !pool.full)
  if (roomy !== undefined) return roomy
  const pool = new SlotPool(key, shape)
  pools.set(key, [...known, pool])
  return pool
}

/** Lets the memory go when nothing uses it any more. */
export function retire(pool: SlotPool): void {
  if (!pool.empty) return
  const others = pools.get(pool.key)?.filter((other) => other !== pool) ?? []
  if (others.length > 0) pools.set(pool.key, others)
  else pools.delete(pool.key)
}
