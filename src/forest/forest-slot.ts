import type { Kernel, Layout } from './kernel-module.ts'
import type { ForestShape } from './shape.ts'
import { poolFor, retire, type SlotPool } from './slot-pool.ts'

/** Words of a slot's header; see kernel/layout.ts. */
const PERIODS = 0
const LEARNED = 28
const RECORD_BYTES = 8

const finalizers = new FinalizationRegistry<Held>(letGo)

interface Held {
  pool: SlotPool
  size: number
  slot: number
}

function letGo({ pool, size, slot }: Held): void {
  pool.give(slot, size)
  retire(pool)
}

/**
 * Where one forest lies: a slot that grows with what the forest has learned, in place of one that is reserved for what
 * it may learn some day. Growing moves the forest, so addresses and views are asked for anew in each call.
 */
export class ForestSlot {
  readonly #shape: ForestShape
  readonly #held: Held
  /** Up to what the present slot holds the forest for certain. */
  #learned = 0
  #periods = 0

  /** A slot of any contents for a forest that has learned so much; see `reserve`. Given back when it is collected. */
  constructor(shape: ForestShape, learned = 1, periods = 1) {
    this.#shape = shape
    const pool = poolFor(shape)
    const size = this.#sizeFor(pool, learned, periods)
    this.#held = { pool, size, slot: pool.take(size) }
    this.#limit()
    finalizers.register(this, this.#held, this)
  }

  get pool(): SlotPool {
    return this.#held.pool
  }

  /** The address. */
  get at(): number {
    return this.#held.slot
  }

  get kernel(): Kernel {
    return this.#held.pool.kernelFor(this.#held.size)
  }

  get layout(): Layout {
    return this.#held.pool.layoutOf(this.#held.size)
  }

  get periods(): number {
    return this.#held.pool.u32[(this.#held.slot + PERIODS) >>> 2]!
  }

  /** Shingles that were offered to the trees: none of them holds more, unless some were adopted. */
  get learned(): number {
    return this.#held.pool.u32[(this.#held.slot + LEARNED) >>> 2]!
  }

  /** Makes room for so many periods more. */
  reserve(more: number): void {
    const { learned, periods } = this
    if (learned + more > this.#learned || periods + more > this.#periods) this.#grow(learned + more, periods + more)
  }

  /** Makes room for trees that are full, whatever was learned. */
  reserveLeaves(): void {
    if (this.#learned !== Number.POSITIVE_INFINITY) this.#grow(Number.POSITIVE_INFINITY, this.periods)
  }

  #sizeFor(pool: SlotPool, learned: number, periods: number): number {
    return pool.sizes.findIndex((size) => size.learned >= learned && size.periods >= periods)
  }

  #limit(): void {
    const { learned, periods } = this.#held.pool.sizes[this.#held.size]!
    this.#learned = learned
    this.#periods = periods
  }

  #grow(learned: number, periods: number): void {
    const { pool, size, slot } = this.#held
    const target = pool.full ? poolFor(this.#shape) : pool
    const larger = this.#sizeFor(target, learned, periods)
    const to = { pool: target, size: larger, slot: target.take(larger) }
    copyForest({ pool, size, slot }, to, this.#shape)
    Object.assign(this.#held, to)
    this.#limit()
    letGo({ pool, size, slot })
  }

  /** Gives the slot back. */
  dispose(): void {
    finalizers.unregister(this)
    letGo(this.#held)
  }
}

/** Copies all but the kept boxes, which are made anew as they are wanted. Numbers of blocks stay. */
function copyForest(from: Held, to: Held, { settings: { trees } }: ForestShape): void {
  const { blocks } = from.pool.sizes[from.size]!
  const old = from.pool.layoutOf(from.size)
  const next = to.pool.layoutOf(to.size)
  to.pool.kernelFor(to.size).initialise(to.slot, 0n)
  const source = from.pool.u8
  const target = to.pool.u8
  const sizes = from.pool.u16
  const copy = (start: number, end: number, at: number) =>
    target.set(source.subarray(from.slot + start, from.slot + end), to.slot + at)
  copy(0, old.metaAt + trees * 4, 0)
  copy(old.blockMetaAt, old.blockMetaAt + blocks * 8, next.blockMetaAt)
  for (let tree = 0; tree < trees; tree++) {
    const mass = sizes[(from.slot + old.metaAt + tree * 4) >>> 1]!
    const [was, is] = [old.treesAt + tree * old.treeBytes, next.treesAt + tree * next.treeBytes]
    copy(was, was + mass * 2, is)
    copy(was + old.recordsAt, was + old.recordsAt + Math.max(0, mass - 1) * RECORD_BYTES, is + next.recordsAt)
  }
  copy(old.blocksAt, old.blocksAt + blocks * old.blockBytes, next.blocksAt)
}
