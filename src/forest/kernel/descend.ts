// A tree is its leaves in order (entries, u16) and its cuts in preorder (records). The subtree at record p over entries
// [a, a + n) owns records [p, p + n - 1): its left child is at p + 1 with the first m entries, its right child at
// p + m with the rest, m being the record's left mass. So a subtree is contiguous twice over, children need no pointers,
// and what a descent reads lies ever closer together.
import { COPIES, pathAt, reciprocalAt, recordsAt, STEP } from './layout'

/** What the last descent came to: the leaf's depth, its record's place (if it had one), first entry and mass. */
export let leafDepth: u32 = 0
export let leafRecord: u32 = 0
export let leafFirst: u32 = 0
export let leafMass: u32 = 0

// A step of the path: u16 record, u16 first entry, u16 mass, u16 1 if it went left; f64 the largest ratio
// n(sibling) / (n(child) + 1) on the way down to here: the collusive displacement of a point inserted below.
// @ts-ignore: decorator
@inline
export function stepAt(depth: u32): usize {
  return pathAt + <usize>depth * STEP
}

/** Follows a point to its leaf, writing the path. */
// @ts-ignore: decorator
@inline
export function descend(tree: usize, size: u32, x: usize): void {
  const records = tree + recordsAt
  const reciprocals = reciprocalAt + 8
  let p: u32 = 0
  let a: u32 = 0
  let n: u32 = size
  let step = pathAt
  let ratio: f64 = 0
  while (n > 1) {
    const record = records + (<usize>p << 3)
    const dimension = <u32>load<u16>(record, 4)
    if (dimension == COPIES) break
    const leftMass = <u32>load<u16>(record, 6)
    const left = load<f32>(x + (<usize>dimension << 2)) <= load<f32>(record)
    const child = left ? leftMass : n - leftMass
    const sibling = n - child
    store<u32>(step, p | (a << 16))
    store<u32>(step, n | (<u32>left << 16), 4)
    ratio = max(ratio, <f64>sibling * load<f64>(reciprocals + (<usize>child << 3)))
    store<f64>(step, ratio, 8)
    step += STEP
    p = left ? p + 1 : p + leftMass
    a = left ? a : a + leftMass
    n = child
  }
  leafDepth = <u32>((step - pathAt) / STEP)
  leafRecord = p
  leafFirst = a
  leafMass = n
}

/** Follows a position in the order of the leaves to its leaf, writing the path (without ratios). */
export function descendTo(tree: usize, size: u32, position: u32): void {
  const records = tree + recordsAt
  let p: u32 = 0
  let a: u32 = 0
  let n: u32 = size
  let step = pathAt
  while (n > 1) {
    const record = records + (<usize>p << 3)
    if (<u32>load<u16>(record, 4) == COPIES) break
    const leftMass = <u32>load<u16>(record, 6)
    const left = position < a + leftMass
    store<u32>(step, p | (a << 16))
    store<u32>(step, n | (<u32>left << 16), 4)
    step += STEP
    p = left ? p + 1 : p + leftMass
    a = left ? a : a + leftMass
    n = left ? leftMass : n - leftMass
  }
  leafDepth = <u32>((step - pathAt) / STEP)
  leafRecord = p
  leafFirst = a
  leafMass = n
}
