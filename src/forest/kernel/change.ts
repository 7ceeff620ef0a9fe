// Insertion and deletion that keep the tree's distribution (Guha et al. 2016, Definition 1 and Lemma 4).
import { COPIES, dimensions, pointOf, RECORD, recordsAt } from './layout'
import { descend, descendTo, leafDepth, leafFirst, leafMass, leafRecord, stepAt } from './descend'
import { boxFrom, boxJoin, highOf, lowOf, measure, outside, range } from './measure'
import { uniform } from './random'

// The cut that an insertion has drawn: at which depth, in which dimension, where, and which side the point is on.
let cutDepth: u32 = 0
let cutDimension: u32 = 0
let cutValue: f32 = 0
let cutLeft: bool = false

/** Inserts the shingle of an entry, whose numbers start at x, into a tree of `size` points, with random cuts. */
export function insert<T>(tree: usize, blocks: usize, size: u32, entry: u32, x: usize): void {
  if (size == 0) {
    store<u16>(tree, <u16>entry)
    return
  }
  descend(tree, size, x)
  let depth = leafDepth
  let first = leafFirst
  let mass = leafMass
  boxFrom<T>(pointOf(blocks, load<u16>(tree + (<usize>first << 1))))
  measure<T>(x)
  if (!(outside > 0)) {
    place(tree, size, entry, depth, COPIES, 0, true)
    return
  }
  draw<T>(x, <f64>outside * uniform(), depth)
  while (depth > 0) {
    depth--
    const step = stepAt(depth)
    const a = <u32>load<u16>(step, 2)
    const n = <u32>load<u16>(step, 4)
    if (load<u16>(step, 6)) boxJoin<T>(tree, blocks, first + mass, a + n)
    else boxJoin<T>(tree, blocks, a, first)
    first = a
    mass = n
    measure<T>(x)
    if (outside <= 0) break
    const position = (<f64>range + <f64>outside) * uniform()
    if (position < <f64>outside) draw<T>(x, position, depth)
  }
  place(tree, size, entry, cutDepth, cutDimension, cutValue, cutLeft)
}

/** The cut at `position` along the gaps between the box in hand and the point, laid end to end. */
function draw<T>(x: usize, position: f64, depth: u32): void {
  let rest = position
  cutDepth = depth
  for (let dimension: u32 = 0; dimension < dimensions; dimension++) {
    const value = load<f32>(x + (<usize>dimension << 2))
    const under = <f64>lowOf<T>(dimension) - <f64>value
    const over = <f64>value - <f64>highOf<T>(dimension)
    const gap = max(under, over)
    if (gap <= 0) continue
    // Remembered first, so that rounding of the sum can not leave the last gap without a cut.
    cutDimension = dimension
    cutLeft = under > 0
    const start = cutLeft ? value : highOf<T>(dimension)
    const end = cutLeft ? lowOf<T>(dimension) : value
    const cut = <f32>(<f64>start + min(rest, gap))
    // The cut belongs to the left side: rounded up onto the right side it would separate nothing.
    cutValue = cut < end ? cut : start
    if (rest < gap) return
    rest -= gap
  }
}

/** Makes the cut, or one more copy, above the node at `depth` of the path in hand. */
export function place(tree: usize, size: u32, entry: u32, depth: u32, dimension: u32, cut: f32, left: bool): void {
  const records = tree + recordsAt
  let record = leafRecord
  let first = leafFirst
  let mass = leafMass
  if (depth < leafDepth) {
    const step = stepAt(depth)
    record = load<u16>(step)
    first = load<u16>(step, 2)
    mass = load<u16>(step, 4)
  }
  for (let d: u32 = 0; d < depth; d++) {
    const step = stepAt(d)
    if (!load<u16>(step, 6)) continue
    const at = records + <usize>load<u16>(step) * RECORD
    store<u16>(at, load<u16>(at, 6) + 1, 6)
  }
  const at = records + <usize>record * RECORD
  memory.copy(at + RECORD, at, <usize>(size - 1 - record) * RECORD)
  store<f32>(at, cut)
  store<u16>(at, <u16>dimension, 4)
  store<u16>(at, <u16>(left ? 1 : mass), 6)
  const slotOfEntry = tree + (<usize>(left ? first : first + mass) << 1)
  memory.copy(slotOfEntry + 2, slotOfEntry, (tree + (<usize>size << 1)) - slotOfEntry)
  store<u16>(slotOfEntry, <u16>entry)
}

/** Deletes the entry at a position: its cut goes, its sibling takes the place. Gives the entry. */
export function removeAt(tree: usize, size: u32, position: u32): u32 {
  const records = tree + recordsAt
  descendTo(tree, size, position)
  let depth = leafDepth
  let record = leafRecord
  if (leafMass == 1 && depth > 0) {
    depth--
    record = load<u16>(stepAt(depth))
  }
  for (let d: u32 = 0; d < depth; d++) {
    const step = stepAt(d)
    if (!load<u16>(step, 6)) continue
    const at = records + <usize>load<u16>(step) * RECORD
    store<u16>(at, load<u16>(at, 6) - 1, 6)
  }
  if (size > 1) {
    const at = records + <usize>record * RECORD
    memory.copy(at, at + RECORD, <usize>(size - 2 - record) * RECORD)
  }
  const at = tree + (<usize>position << 1)
  const entry = <u32>load<u16>(at)
  memory.copy(at, at + 2, (tree + (<usize>(size - 1) << 1)) - at)
  return entry
}
