// The score of a point that is not inserted: the expectation over the cut that a true insertion would draw. Going up
// from the leaf, the point is cut off above a node with probability outside / (range + outside); at the first box that
// holds it, it can not be cut off any more (Guha, Mishra, Roy, Schrijvers 2016, section 3 and Definition 1).
import { copiesAt, depthAt, pointOf } from './layout'
import { descend, leafDepth, leafFirst, leafMass, stepAt } from './descend'
import { climb } from './climb'
import { boxFrom, measure, outside, range } from './measure'

/** Of one tree, after `scoreTree`. */
export let codisp: f64 = 0
/** Times log2(size + 1), so that trees of all sizes compare. */
export let inverseDepth: f64 = 0
export let displacement: f64 = 0
export let sparsity: f64 = 0

/** The score against an empty tree. */
export function clear(): void {
  codisp = inverseDepth = displacement = sparsity = 0
}

/** Scores the point at x against a tree of `size` > 0 points. */
export function scoreTree<T>(tree: usize, blocks: usize, size: u32, x: usize): void {
  descend(tree, size, x)
  let depth = leafDepth
  let first = leafFirst
  let mass = leafMass
  const ratio = load<f64>(stepAt(depth) - 8)
  const scale = load<f64>(copiesAt + (<usize>size << 3))
  boxFrom<T>(pointOf(blocks, load<u16>(tree + (<usize>first << 1))))
  measure<T>(x)
  if (outside > 0) {
    codisp = max(<f64>mass, ratio)
    inverseDepth = scale * load<f64>(depthAt + (<usize>depth << 3))
    displacement = <f64>mass
    sparsity = <f64>outside * <f64>size / <f64>mass
  } else {
    codisp = ratio
    inverseDepth = scale * (1 - 0.5 * <f64>mass / <f64>size) / (<f64>depth + load<f64>(copiesAt + (<usize>mass << 3)))
    displacement = depth > 0 ? <f64>(<u32>load<u16>(stepAt(depth - 1), 4) - mass) : 0
    sparsity = 0
    return
  }
  while (depth > 0) {
    depth--
    const step = stepAt(depth)
    const a = <u32>load<u16>(step, 2)
    const n = <u32>load<u16>(step, 4)
    climb<T>(tree, blocks, depth, first, mass)
    first = a
    mass = n
    measure<T>(x)
    if (outside <= 0) break
    const whole = <f64>range + <f64>outside
    const cut = <f64>outside / whole
    const keep = 1 - cut
    codisp = keep * codisp + cut * max(<f64>n, load<f64>(step - 8))
    inverseDepth = keep * inverseDepth + cut * scale * load<f64>(depthAt + (<usize>depth << 3))
    displacement = keep * displacement + cut * <f64>n
    sparsity = keep * sparsity + cut * whole * <f64>size / <f64>n
  }
}
