// Scoring as if the shingles that share values with the point were in no tree: each tree that holds some is copied, they
// are deleted from the copy, which leaves the tree that would be without them, and the copy is scored.
import {
  blockLog, blockMeta, blocksAt, blockRoom, overlapsAt, periodOf, shingle, spareTreeAt, treeBytes,
} from './layout'
import { removeAny } from './change'
import { clear, scoreTree } from './score'

let overlapCount: u32 = 0

/** Lists the blocks that hold shingles which overlap one that ends in `newest` or up to a batch before it. */
export function findOverlaps(slot: usize, newest: u32): void {
  overlapCount = 0
  const size: u32 = 1 << blockLog
  const reach = shingle + size
  for (let b: u32 = 0; b < blockRoom; b++) {
    const meta = blockMeta(slot, b)
    const first = load<u32>(meta)
    if (load<u32>(meta, 4) == 0 || first + size + reach <= newest) continue
    if (overlapCount == shingle + 2) return
    store<u32>(overlapsAt + (<usize>overlapCount << 3), b << blockLog)
    store<u32>(overlapsAt + (<usize>overlapCount << 3), first, 4)
    overlapCount++
  }
}

/** Whether any of a tree's entries lies in a listed block: eight entries a step. */
function holdsAny(tree: usize, size: u32): bool {
  const end = tree + (<usize>size << 1)
  for (let o: u32 = 0; o < overlapCount; o++) {
    const block = i16x8.splat(<i16>load<u32>(overlapsAt + (<usize>o << 3)))
    const mask = i16x8.splat(<i16>~((<u32>1 << blockLog) - 1))
    for (let at = tree; at < end; at += 16) {
      if (v128.any_true(i16x8.eq(v128.and(v128.load(at), mask), block))) return true
    }
  }
  return false
}

/** Scores a point of `period` against a tree, with or without the shingles that overlap it. */
// @ts-ignore: decorator
@inline
export function score<T>(slot: usize, tree: usize, size: u32, x: usize, period: u32, leaveOut: bool): void {
  const blocks = slot + blocksAt
  if (leaveOut && shingle > 1 && holdsAny(tree, size)) {
    const left = copyWithout(slot, tree, size, period)
    if (left > 0) scoreTree<T>(left == size ? tree : spareTreeAt, blocks, left, x)
    else clear()
  } else {
    scoreTree<T>(tree, blocks, size, x)
  }
}

/** Copies a tree to the spare one and deletes what overlaps there; gives the size that is left. */
function copyWithout(slot: usize, tree: usize, size: u32, period: u32): u32 {
  let left = size
  for (let i: u32 = size; i > 0; i--) {
    const entry = <u32>load<u16>(tree + (<usize>(i - 1) << 1))
    if (!overlaps(entry) || periodOf(slot, entry) + shingle <= period) continue
    if (left == size) memory.copy(spareTreeAt, tree, treeBytes)
    removeAny(spareTreeAt, slot + blocksAt, left--, i - 1)
  }
  return left
}

// @ts-ignore: decorator
@inline
function overlaps(entry: u32): bool {
  const block = entry >> blockLog << blockLog
  for (let o: u32 = 0; o < overlapCount; o++) {
    if (load<u32>(overlapsAt + (<usize>o << 3)) == block) return true
  }
  return false
}
