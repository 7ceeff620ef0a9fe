import type { Subtree, TreeView } from './tree-view.ts'

/** A stored shingle and how far it lies from what was asked for, in the dimensions that were known (L1). */
export interface Candidate {
  readonly entry: number
  readonly distance: number
}

function distance(point: Float32Array, x: Float32Array, missing: ReadonlySet<number>): number {
  let sum = 0
  for (let d = 0; d < x.length; d++) if (!missing.has(d)) sum += Math.abs(point[d]! - x[d]!)
  return sum
}

/** The nearest leaf of one tree that the cuts in known dimensions lead to; a cut in a missing one is followed both ways. */
export function nearestLeaf(
  view: TreeView,
  tree: number,
  x: Float32Array,
  missing: ReadonlySet<number>,
): Candidate | undefined {
  let best: Candidate | undefined
  const waiting: Subtree[] = view.size(tree) > 0 ? [view.root(tree)] : []
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (view.isLeaf(tree, node)) {
      const entry = view.entry(tree, node.first)
      const found = { entry, distance: distance(view.point(entry), x, missing) }
      if (best === undefined || found.distance < best.distance) best = found
      continue
    }
    const { dimension, value } = view.cut(tree, node)
    const both = missing.has(dimension)
    if (both || x[dimension]! <= value) waiting.push(view.left(tree, node))
    if (both || x[dimension]! > value) waiting.push(view.right(tree, node))
  }
  return best
}

/**
 * Fills in the missing dimensions: the median, over the half of the trees whose leaves come nearest in the known ones,
 * of what these leaves hold there. Missing everywhere, it is the median of all points.
 */
export function impute(view: TreeView, trees: number, x: Float32Array, missing: ReadonlySet<number>): Float32Array {
  const filled = x.slice()
  const candidates: Candidate[] = []
  if (missing.size === x.length) {
    for (let tree = 0; tree < trees; tree++) {
      for (let i = 0; i < view.size(tree); i++) candidates.push({ entry: view.entry(tree, i), distance: 0 })
    }
  } else {
    for (let tree = 0; tree < trees; tree++) {
      const found = nearestLeaf(view, tree, x, missing)
      if (found !== undefined) candidates.push(found)
    }
    candidates.sort((a, b) => a.distance - b.distance || view.period(a.entry) - view.period(b.entry))
    candidates.length = Math.ceil(candidates.length / 2)
  }
  for (const d of missing) {
    const values = candidates.map((candidate) => view.point(candidate.entry)[d]!).sort((a, b) => a - b)
    if (values.length > 0) filled[d] = (values[(values.length - 1) >> 1]! + values[values.length >> 1]!) / 2
  }
  return filled
}
