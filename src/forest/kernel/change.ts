// Insertion and deletion that keep the tree's distribution (Guha et al. 2016, Definition 1 and Lemma 4).
import { addBox, boxAt, dropBox, findBox, mayHaveBox, shiftDown, shiftUp, touches, widen } from './boxes'
import { climb, kept } from './climb'
import { boxCap, boxMass, COPIES, dimensions, pointOf, RECORD, recordsAt, vectors } from './layout'
import { descend, descendTo, leafDepth, leafFirst, leafMass, leafRecord, stepAt } from './descend'
import { boxFrom, boxJoin, boxStore, highOf, lowOf, measure, outside, range } from './measure'
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
    climb<T>(tree, blocks, depth, first, mass)
    first = a
    mass = n
    if (!kept && n >= boxMass) {
      const box = addBox(tree, load<u16>(step))
      if (box) boxStore<T>(box)
    }
    measure<T>(x)
    if (outside <= 0) break
    const position = (<f64>range + <f64>outside) * uniform()
    if (position < <f64>outside) draw<T>(x, position, depth)
  }
  widenPath(tree, depth, x)
  place(tree, size, entry, cutDepth, cutDimension, cutValue, cutLeft)
}

/** Widens the boxes kept on the path above the cut, from the depth where the climb ended. */
function widenPath(tree: usize, from: u32, x: usize): void {
  if (boxCap == 0) return
  for (let depth = from; depth < cutDepth; depth++) {
    const step = stepAt(depth)
    if (!mayHaveBox(load<u16>(step, 4))) return
    const place = findBox(tree, load<u16>(step))
    if (place >= 0) widen(boxAt(tree, place), x)
  }
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
  if (boxCap > 0) shiftUp(tree, record)
  store<f32>(at, cut)
  store<u16>(at, <u16>dimension, 4)
  store<u16>(at, <u16>(left ? 1 : mass), 6)
  const slotOfEntry = tree + (<usize>(left ? first : first + mass) << 1)
  memory.copy(slotOfEntry + 2, slotOfEntry, (tree + (<usize>size << 1)) - slotOfEntry)
  store<u16>(slotOfEntry, <u16>entry)
}

/** Deletes the entry at a position: its cut goes, its sibling takes the place. Gives the entry. */
export function removeAt<T>(tree: usize, blocks: usize, size: u32, position: u32): u32 {
  const records = tree + recordsAt
  descendTo(tree, size, position)
  let depth = leafDepth
  let record = leafRecord
  // A copy takes one record of its group with it, a single point the record of its parent.
  const single = leafMass == 1
  if (single && depth > 0) {
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
    if (boxCap > 0) shiftDown(tree, record)
  }
  const at = tree + (<usize>position << 1)
  const entry = <u32>load<u16>(at)
  memory.copy(at, at + 2, (tree + (<usize>(size - 1) << 1)) - at)
  if (boxCap > 0 && depth > 0) shrinkPath<T>(tree, blocks, depth, pointOf(blocks, entry))
  return entry
}

/** Puts right the boxes kept on the path above `from`, from which the point at x has just gone. */
function shrinkPath<T>(tree: usize, blocks: usize, from: u32, x: usize): void {
  // [first, first + mass) are the entries of which the box is in hand; none yet.
  let first: u32 = 0
  let mass: u32 = 0
  for (let depth = from; depth > 0; ) {
    depth--
    const step = stepAt(depth)
    const a = <u32>load<u16>(step, 2)
    const n = <u32>load<u16>(step, 4) - 1
    if (!mayHaveBox(n + 1)) continue
    const place = findBox(tree, load<u16>(step))
    if (place < 0) continue
    if (!mayHaveBox(n)) {
      dropBox(tree, place)
      continue
    }
    const box = boxAt(tree, place)
    if (!touches(box, x)) return
    if (mass == 0) {
      boxFrom<T>(pointOf(blocks, load<u16>(tree + (<usize>a << 1))))
      boxJoin<T>(tree, blocks, a + 1, a + n)
    } else {
      boxJoin<T>(tree, blocks, a, first)
      boxJoin<T>(tree, blocks, first + mass, a + n)
    }
    first = a
    mass = n
    boxStore<T>(box)
  }
}

/** `removeAt` where the width is not known at compile time. */
export function removeAny(tree: usize, blocks: usize, size: u32, position: u32): u32 {
  if (dimensions == 1) return removeAt<u8>(tree, blocks, size, position)
  if (vectors == 1) return removeAt<u16>(tree, blocks, size, position)
  if (vectors == 2) return removeAt<u32>(tree, blocks, size, position)
  return removeAt<u64>(tree, blocks, size, position)
}
