import type { Layout } from './kernel-module.ts'
import type { ForestShape } from './shape.ts'
import type { SlotPool } from './slot-pool.ts'

/** Marks the record of a group of equal points. */
const COPIES = 0xffff

/** A subtree: its record, its run of entries [first, first + mass), its depth. */
export interface Subtree {
  readonly record: number
  readonly first: number
  readonly mass: number
  readonly depth: number
}

/** Reads one forest's trees where they lie. Good until the forest changes: for what is asked of single points only. */
export class TreeView {
  readonly #u16: Uint16Array
  readonly #u32: Uint32Array
  readonly #f32: Float32Array
  readonly #layout: Layout
  readonly #slot: number
  readonly #shape: ForestShape

  constructor(pool: SlotPool, slot: number, layout: Layout, shape: ForestShape) {
    this.#layout = layout
    this.#slot = slot
    this.#shape = shape
    this.#u16 = pool.u16
    this.#u32 = pool.u32
    this.#f32 = pool.f32
  }

  get dimensions(): number {
    return this.#shape.settings.inputs * this.#shape.settings.shingleSize
  }

  size(tree: number): number {
    return this.#u16[(this.#slot + this.#layout.metaAt + tree * 4) >>> 1]!
  }

  root(tree: number): Subtree {
    return { record: 0, first: 0, mass: this.size(tree), depth: 0 }
  }

  #tree(tree: number): number {
    return this.#slot + this.#layout.treesAt + tree * this.#layout.treeBytes
  }

  #record(tree: number, record: number): number {
    return this.#tree(tree) + this.#layout.recordsAt + record * 8
  }

  /** A single point or a group of equal ones. */
  isLeaf(tree: number, node: Subtree): boolean {
    return node.mass < 2 || this.#u16[(this.#record(tree, node.record) + 4) >>> 1] === COPIES
  }

  cut(tree: number, node: Subtree): { readonly dimension: number; readonly value: number } {
    const at = this.#record(tree, node.record)
    return { dimension: this.#u16[(at + 4) >>> 1]!, value: this.#f32[at >>> 2]! }
  }

  left(tree: number, node: Subtree): Subtree {
    const mass = this.#u16[(this.#record(tree, node.record) + 6) >>> 1]!
    return { record: node.record + 1, first: node.first, mass, depth: node.depth + 1 }
  }

  right(tree: number, node: Subtree): Subtree {
    const mass = this.#u16[(this.#record(tree, node.record) + 6) >>> 1]!
    return {
      record: node.record + mass,
      first: node.first + mass,
      mass: node.mass - mass,
      depth: node.depth + 1,
    }
  }

  entry(tree: number, position: number): number {
    return this.#u16[(this.#tree(tree) >>> 1) + position]!
  }

  /** The shingle of an entry, oldest period first, inputs within a period; as stored, less the origin. */
  point(entry: number): Float32Array {
    const { blockLog, settings } = this.#shape
    const block = this.#slot + this.#layout.blocksAt + (entry >>> blockLog) * this.#layout.blockBytes
    const at = (block >>> 2) + (entry & ((1 << blockLog) - 1)) * settings.inputs
    return this.#f32.subarray(at, at + this.dimensions)
  }

  /** The period in which the shingle of an entry ended. */
  period(entry: number): number {
    const { blockLog } = this.#shape
    const meta = this.#slot + this.#layout.blockMetaAt + (entry >>> blockLog) * 8
    return this.#u32[meta >>> 2]! + (entry & ((1 << blockLog) - 1))
  }

  /** The way from the root to the leaf of a point, both included. */
  path(tree: number, point: Float32Array): Subtree[] {
    const path: Subtree[] = []
    let node = this.root(tree)
    for (;;) {
      path.push(node)
      if (this.isLeaf(tree, node)) return path
      const { dimension, value } = this.cut(tree, node)
      node = point[dimension]! <= value ? this.left(tree, node) : this.right(tree, node)
    }
  }
}
