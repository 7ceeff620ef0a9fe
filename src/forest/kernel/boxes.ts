// Boxes of the large subtrees of a tree, kept so that a point far from all others does not make the score read every
// leaf. A box kept is exactly the union of its leaves, so whether one is kept changes no result, only the time.
// They lie in preorder behind a list of their records (u16, unused ones 0xffff).
import { boxBytes, boxCap, boxesAt, boxListAt, boxMass, boxScratchAt, dimensions, vectors } from './layout'

/** Forgets all boxes of a tree. */
export function clearBoxes(tree: usize): void {
  const list = tree + boxListAt
  for (let i: usize = 0; i < <usize>boxCap; i += 8) v128.store(list + (i << 1), i16x8.splat(-1))
}

/** The place of a record's box in the list, or -1. */
// @ts-ignore: decorator
@inline
export function findBox(tree: usize, record: u32): i32 {
  const list = tree + boxListAt
  const wanted = i16x8.splat(<i16>record)
  for (let i: usize = 0; i < <usize>boxCap; i += 8) {
    const hits = i16x8.bitmask(i16x8.eq(v128.load(list + (i << 1)), wanted))
    if (hits) return <i32>i + <i32>ctz(hits)
  }
  return -1
}

// @ts-ignore: decorator
@inline
export function boxAt(tree: usize, place: i32): usize {
  return tree + boxesAt + <usize>place * boxBytes
}

/** A record of mass at least this may have a box. */
// @ts-ignore: decorator
@inline
export function mayHaveBox(mass: u32): bool {
  return mass >= boxMass - (boxMass >> 2)
}

/** Makes room in the list for a record's box; gives its address, or 0 when the list is full. */
export function addBox(tree: usize, record: u32): usize {
  const list = tree + boxListAt
  if (boxCap == 0 || load<u16>(list + (<usize>(boxCap - 1) << 1)) != 0xffff) return 0
  let i: i32 = <i32>boxCap - 1
  while (i > 0 && <u32>load<u16>(list + (<usize>(i - 1) << 1)) > record) i--
  memory.copy(list + (<usize>(i + 1) << 1), list + (<usize>i << 1), <usize>(boxCap - 1 - i) << 1)
  store<u16>(list + (<usize>i << 1), <u16>record)
  const box = boxAt(tree, i)
  memory.copy(box + boxBytes, box, <usize>(boxCap - 1 - i) * boxBytes)
  return box
}

export function dropBox(tree: usize, place: i32): void {
  const list = tree + boxListAt
  const last = <i32>boxCap - 1
  memory.copy(list + (<usize>place << 1), list + (<usize>(place + 1) << 1), <usize>(last - place) << 1)
  store<u16>(list + (<usize>last << 1), 0xffff)
  const box = boxAt(tree, place)
  memory.copy(box, box + boxBytes, <usize>(last - place) * boxBytes)
}

/** A record was put in at `record`: those from there on move up by one. */
export function shiftUp(tree: usize, record: u32): void {
  const list = tree + boxListAt
  const from = i16x8.splat(<i16>record)
  for (let i: usize = 0; i < <usize>boxCap; i += 8) {
    const places = v128.load(list + (i << 1))
    // -1 marks the unused ones and, as a signed number, lies below every record.
    v128.store(list + (i << 1), i16x8.sub(places, i16x8.ge_s(places, from)))
  }
}

/** The record at `record` was taken out: its box goes, those behind move down by one. */
export function shiftDown(tree: usize, record: u32): void {
  const place = findBox(tree, record)
  if (place >= 0) dropBox(tree, place)
  const list = tree + boxListAt
  const from = i16x8.splat(<i16>record)
  for (let i: usize = 0; i < <usize>boxCap; i += 8) {
    const places = v128.load(list + (i << 1))
    v128.store(list + (i << 1), i16x8.add(places, i16x8.gt_s(places, from)))
  }
}

/** Widens a kept box by a point; false when the point lay inside. */
export function widen(box: usize, x: usize): void {
  if (dimensions == 1) {
    const value = load<f32>(x)
    store<f32>(box, min(load<f32>(box), value))
    store<f32>(box, max(load<f32>(box, 4), value), 4)
    return
  }
  const bytes = <usize>vectors << 4
  for (let v: usize = 0; v < bytes; v += 16) {
    const value = v128.load(x + v)
    v128.store(box + v, f32x4.pmin(v128.load(box + v), value))
    v128.store(box + bytes + v, f32x4.pmax(v128.load(box + bytes + v), value))
  }
}

/** Whether a point lies on a side of a kept box, so that without it the box may be smaller. */
export function touches(box: usize, x: usize): bool {
  for (let d: u32 = 0; d < dimensions; d++) {
    const value = load<f32>(x + (<usize>d << 2))
    const high: usize = dimensions == 1 ? 4 : <usize>vectors << 4
    if (value <= load<f32>(box + (<usize>d << 2)) || value >= load<f32>(box + high + (<usize>d << 2))) return true
  }
  return false
}
