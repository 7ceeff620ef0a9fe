import type { Subtree, TreeView } from './tree-view.ts'

/** One share of what makes a point unusual. Shares are > 0 and sum to 1. */
export interface ForestAttribution {
  readonly input: number
  /** Periods before the newest: 0 is the newest. */
  readonly lag: number
  /** On which side of what is usual the value lies. */
  readonly direction: 'above' | 'below'
  readonly share: number
}

/** The box of a run of leaves, grown as the walk goes up. */
class GrowingBox {
  readonly low: Float64Array
  readonly high: Float64Array

  constructor(dimensions: number) {
    this.low = new Float64Array(dimensions).fill(Number.POSITIVE_INFINITY)
    this.high = new Float64Array(dimensions).fill(Number.NEGATIVE_INFINITY)
  }

  join(view: TreeView, tree: number, from: number, to: number): void {
    for (let position = from; position < to; position++) {
      const point = view.point(view.entry(tree, position))
      for (let d = 0; d < point.length; d++) {
        if (point[d]! < this.low[d]!) this.low[d] = point[d]!
        if (point[d]! > this.high[d]!) this.high[d] = point[d]!
      }
    }
  }
}

/** For each step of a path, the largest n(sibling) / (n(child) + 1) at or above it. */
function ratiosAbove(path: readonly Subtree[]): number[] {
  let largest = 0
  return path.map((node, i) => {
    const child = path[i + 1]
    const before = largest
    if (child !== undefined) largest = Math.max(largest, (node.mass - child.mass) / (child.mass + 1))
    return before
  })
}

/**
 * Adds one tree's part: the collusive displacement of the point if it is cut off at a box goes to the dimensions in
 * which it lies outside that box, each by its distance, which is its chance to be the dimension of the cut.
 */
function addTree(view: TreeView, tree: number, x: Float32Array, above: Float64Array, below: Float64Array): void {
  const path = view.path(tree, x)
  const ratios = ratiosAbove(path)
  const box = new GrowingBox(x.length)
  const chances: number[] = []
  const gaps: { level: number; dimension: number; gap: number }[] = []
  let inner: Subtree | undefined
  for (let level = path.length - 1; level >= 0; level--) {
    const node = path[level]!
    const end = node.first + node.mass
    box.join(view, tree, node.first, inner === undefined ? end : inner.first)
    if (inner !== undefined) box.join(view, tree, inner.first + inner.mass, end)
    inner = node
    let range = 0
    let outside = 0
    for (let d = 0; d < x.length; d++) {
      range += box.high[d]! - box.low[d]!
      const gap = x[d]! > box.high[d]! ? x[d]! - box.high[d]! : Math.min(0, x[d]! - box.low[d]!)
      if (gap !== 0) gaps.push({ level, dimension: d, gap })
      outside += Math.abs(gap)
    }
    if (outside === 0) break
    chances[level] = 1 / (range + outside)
  }
  let reach = 1
  const weights: number[] = []
  for (let level = 0; level < path.length; level++) {
    const scale = chances[level]
    if (scale === undefined) continue
    const cut = gaps.filter((g) => g.level === level).reduce((sum, g) => sum + Math.abs(g.gap) * scale, 0)
    weights[level] = reach * scale * Math.max(path[level]!.mass, ratios[level]!)
    reach *= 1 - cut
  }
  for (const { level, dimension, gap } of gaps) {
    const side = gap > 0 ? above : below
    side[dimension] = side[dimension]! + Math.abs(gap) * (weights[level] ?? 0)
  }
}

/** Shares of the score by input, lag and direction, largest first; none for a point that all trees hold. */
export function attribute(view: TreeView, trees: number, inputs: number, x: Float32Array): ForestAttribution[] {
  const above = new Float64Array(x.length)
  const below = new Float64Array(x.length)
  for (let tree = 0; tree < trees; tree++) {
    if (view.size(tree) > 0) addTree(view, tree, x, above, below)
  }
  const total = above.reduce((a, b) => a + b, 0) + below.reduce((a, b) => a + b, 0)
  const shares: ForestAttribution[] = []
  for (let d = 0; d < x.length; d++) {
    const place = { input: d % inputs, lag: x.length / inputs - 1 - Math.floor(d / inputs) }
    if (above[d]! > 0) shares.push({ ...place, direction: 'above', share: above[d]! / total })
    if (below[d]! > 0) shares.push({ ...place, direction: 'below', share: below[d]! / total })
  }
  return shares.sort((a, b) => b.share - a.share)
}
