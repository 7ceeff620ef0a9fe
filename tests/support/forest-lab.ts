import type { Kernel, Layout } from '../../src/forest/kernel-module.ts'
import { type ForestOptions, forestSettings } from '../../src/forest/options.ts'
import { type ForestShape, forestShape } from '../../src/forest/shape.ts'
import { SlotPool } from '../../src/forest/slot-pool.ts'
import { type Subtree, TreeView } from '../../src/forest/tree-view.ts'

const COPIES = 0xffff
const LEARN_FROM = 24
const WEIGHT = 8

/** A cut of a scripted tree, or a leaf of `n` equal points. */
export type Script = ScriptCut | ScriptLeaf
export interface ScriptCut {
  readonly q: number
  readonly p: number
  readonly n: number
  readonly box: readonly [readonly number[], readonly number[]]
  readonly l: Script
  readonly r: Script
}
export interface ScriptLeaf {
  readonly leaf: number
  readonly x: readonly number[]
  readonly n: number
  readonly d: number
}

const isLeaf = (node: Script): node is ScriptLeaf => 'leaf' in node
const same = (a: readonly number[], b: readonly number[]) => a.every((v, i) => v === b[i])

/** Whether the subtree holds any of the points. */
function holds(node: Script, points: readonly (readonly number[])[]): boolean {
  if (isLeaf(node)) return points.some((point) => same(point, node.x))
  return holds(node.l, points) || holds(node.r, points)
}

/** The shipped kernel, driven from below: points go into the store, and into trees where and with the cuts that are wished. */
export class ForestLab {
  readonly pool: SlotPool
  readonly slot: number
  readonly shape: ForestShape
  #periods = 0

  constructor(options: ForestOptions, overrides: Partial<ForestShape> = {}, seed = 1) {
    this.shape = { ...forestShape(forestSettings(options)), ...overrides }
    this.pool = new SlotPool('lab', this.shape)
    this.slot = this.pool.take(this.pool.largest)
    this.reset(seed)
  }

  /** An empty forest that learns nothing by itself. */
  reset(seed: number, learning = false): void {
    this.kernel.initialise(this.slot, BigInt(seed))
    if (!learning) this.pool.u32[(this.slot + LEARN_FROM) >>> 2] = 0xffff_ffff
    this.#periods = 0
  }

  /** The slot is of the largest size. */
  get kernel(): Kernel {
    return this.pool.kernelFor(this.pool.largest)
  }

  get layout(): Layout {
    return this.pool.layoutOf(this.pool.largest)
  }

  get view(): TreeView {
    return new TreeView(this.pool, this.slot, this.layout, this.shape)
  }

  feed(values: readonly number[], scoring = false): number {
    this.#input(values)
    this.kernel.advance(this.slot, 1, scoring, false)
    return this.#periods++
  }

  #input(values: readonly number[]): void {
    this.pool.f32.set(values, this.layout.inputAt >>> 2)
  }

  /** Sum over the trees of CoDisp, inverse depth x log2(n + 1), displacement. */
  score(values: readonly number[]): Float64Array {
    this.#input(values)
    this.kernel.scoreOnly(this.slot, false)
    const at = this.layout.outputAt >>> 3
    return this.pool.f64.slice(at, at + 4)
  }

  drop(from: number, to: number): number {
    return this.kernel.drop(this.slot, from, to)
  }

  /** Encodes the state and decodes it in the same slot. */
  reload(): void {
    const { kernel, layout, slot } = this
    const length = kernel.encode(slot)
    const header = this.pool.u8.slice(slot, slot + 32)
    const meta = this.pool.u8.slice(slot + layout.metaAt, slot + layout.metaAt + this.shape.settings.trees * 4)
    const body = this.pool.u8.slice(layout.codecAt, layout.codecAt + length)
    this.pool.u8.fill(0xaa, slot, slot + layout.slotBytes)
    kernel.initialise(slot, 0n)
    this.pool.u8.set(header, slot)
    this.pool.u8.set(meta, slot + layout.metaAt)
    this.pool.u8.set(body, layout.codecAt)
    kernel.decode(slot)
  }

  set weight(weight: number) {
    this.pool.f64[(this.slot + WEIGHT) >>> 3] = weight
  }

  /** Puts the point of a period into a tree that holds `present`, so that it becomes the script's tree of those and it. */
  plant(tree: number, period: number, point: readonly number[], script: Script, present: number[][]): void {
    let depth = 0
    let found: { node: Script; depth: number; left: boolean } | undefined
    let node = script
    let branching = 0
    while (!isLeaf(node)) {
      const left = point[node.q]! <= node.p
      const [mine, other] = left ? [node.l, node.r] : [node.r, node.l]
      if (holds(other, present)) {
        found = { node, depth: branching, left }
        branching++
      }
      node = mine
    }
    depth = found?.depth ?? 0
    if (present.some((other) => same(other, point))) {
      this.kernel.plant(this.slot, tree, period, branching, COPIES, 0, true)
    } else if (found === undefined || isLeaf(found.node)) {
      this.kernel.plant(this.slot, tree, period, 0, 0, 0, true)
    } else {
      this.kernel.plant(this.slot, tree, period, depth, found.node.q, found.node.p, found.left)
    }
  }

  /** The box of a subtree, from its leaves. */
  box(tree: number, node: Subtree): { low: number[]; high: number[] } {
    const { view } = this
    const points = Array.from({ length: node.mass }, (_, i) => view.point(view.entry(tree, node.first + i)))
    const side = (pick: (...values: number[]) => number) =>
      Array.from({ length: view.dimensions }, (_, d) => pick(...points.map((point) => point[d]!)))
    return { low: side(Math.min), high: side(Math.max) }
  }

  /** Displacement, collusive displacement, depth and mass of the leaf that a point of a tree lies in. */
  inTree(tree: number, point: readonly number[]) {
    const path = this.view.path(tree, Float32Array.from(point))
    const leaf = path.at(-1)!
    let codisp = 0
    for (let i = path.length - 1; i > 0; i--) {
      codisp = Math.max(codisp, (path[i - 1]!.mass - path[i]!.mass) / path[i]!.mass)
    }
    const disp = path.length > 1 ? path.at(-2)!.mass - leaf.mass : 0
    return { disp, codisp, depth: path.length - 1, mass: leaf.mass }
  }
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

/** Standard error of the mean. */
export function standardError(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (values.length - 1) / values.length)
}
