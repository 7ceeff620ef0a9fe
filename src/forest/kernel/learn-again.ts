// What changes a forest outside the stream's own order: a range made normal, a restored or scripted tree.
import {
  BLOCK, blockLog, blockMeta, blocksAt, codecAt, dimensions, blockRoom, PERIODS, periodOf, pointOf, ranksAt, release,
  retain, sampleSize, setSize, sizeOf, treeOf, trees, vectors,
} from './layout'
import { insert, place, removeAt } from './change'
import { descend, leafDepth } from './descend'
import { below, reseed } from './random'

const NONE: u32 = 0xffffffff

/** The entry of a period that the store still holds, or NONE. */
function entryOf(slot: usize, period: u32): u32 {
  const size: u32 = 1 << blockLog
  for (let b: u32 = 0; b < blockRoom; b++) {
    const meta = blockMeta(slot, b)
    if (load<u32>(meta, 4) == 0) continue
    const offset = period - load<u32>(meta)
    if (offset < size) return (b << blockLog) + offset
  }
  return NONE
}

/** Lists, in order of time, the entries of periods [from, to) that some tree holds; gives how many. */
function listHeld(slot: usize, from: u32, to: u32): u32 {
  memory.fill(ranksAt, 0, <usize>blockRoom << (blockLog + 1))
  for (let t: u32 = 0; t < trees; t++) {
    const tree = treeOf(slot, t)
    const end = tree + (<usize>sizeOf(slot, t) << 1)
    for (let at = tree; at < end; at += 2) store<u16>(ranksAt + (<usize>load<u16>(at) << 1), 1)
  }
  let count: u32 = 0
  for (let period = from; period < to; period++) {
    const entry = entryOf(slot, period)
    if (entry == NONE || !load<u16>(ranksAt + (<usize>entry << 1))) continue
    store<u16>(codecAt + (<usize>(count++) << 1), <u16>entry)
  }
  return count
}

/**
 * Brings the share of each tree's points that ended in periods [from, to) up to `share`, by shingles of that range
 * that are still held, each as often as any other, in place of points drawn evenly. Gives how many it inserted.
 */
export function adopt(slot: usize, from: u32, to: u32, share: f64): u32 {
  const count = listHeld(slot, from, min(to, load<u32>(slot + PERIODS)))
  if (count == 0) return 0
  if (dimensions == 1) return adoptWide<u8>(slot, from, to, share, count)
  if (vectors == 1) return adoptWide<u16>(slot, from, to, share, count)
  if (vectors == 2) return adoptWide<u32>(slot, from, to, share, count)
  return adoptWide<u64>(slot, from, to, share, count)
}

function adoptWide<T>(slot: usize, from: u32, to: u32, share: f64, count: u32): u32 {
  const blocks = slot + blocksAt
  const wanted = <u32>(share * <f64>sampleSize)
  let inserted: u32 = 0
  for (let t: u32 = 0; t < trees; t++) {
    const tree = treeOf(slot, t)
    reseed(slot, t, load<u32>(slot + PERIODS) + 0x80000000)
    let size = sizeOf(slot, t)
    let held: u32 = 0
    for (let i: u32 = 0; i < size; i++) held += within(slot, tree, i, from, to) ? 1 : 0
    let turn = below(count)
    for (; held < wanted; held++) {
      turn = turn + 1 < count ? turn + 1 : 0
      const entry = <u32>load<u16>(codecAt + (<usize>turn << 1))
      if (size == sampleSize) {
        let victim = below(size)
        while (within(slot, tree, victim, from, to)) victim = victim + 1 < size ? victim + 1 : 0
        release(slot, removeAt<T>(tree, blocks, size--, victim))
      }
      insert<T>(tree, blocks, size++, entry, pointOf(blocks, entry))
      retain(slot, entry)
      inserted++
    }
    setSize(slot, t, size)
  }
  return inserted
}

function within(slot: usize, tree: usize, position: u32, from: u32, to: u32): bool {
  const period = periodOf(slot, load<u16>(tree + (<usize>position << 1)))
  return period >= from && period < to
}

/** Counts anew what refers to each block, after trees were written from outside. */
export function recount(slot: usize): void {
  for (let b: u32 = 0; b < blockRoom; b++) store<u32>(blockMeta(slot, b), 0, 4)
  if (load<u32>(slot + PERIODS) > 0) store<u32>(blockMeta(slot, load<u32>(slot + BLOCK)), 1, 4)
  for (let t: u32 = 0; t < trees; t++) {
    const tree = treeOf(slot, t)
    const size = sizeOf(slot, t)
    for (let i: u32 = 0; i < size; i++) {
      const meta = blockMeta(slot, <u32>load<u16>(tree + (<usize>i << 1)) >> blockLog)
      store<u32>(meta, load<u32>(meta, 4) + 1, 4)
    }
  }
}

/** Inserts the shingle of a period with a given cut at a given depth: the outcome of one particular draw. */
export function plant(
  slot: usize,
  index: u32,
  period: u32,
  depth: u32,
  dimension: u32,
  cut: f32,
  left: bool,
): void {
  const tree = treeOf(slot, index)
  const size = sizeOf(slot, index)
  const entry = entryOf(slot, period)
  if (size == 0) {
    store<u16>(tree, <u16>entry)
  } else {
    descend(tree, size, pointOf(slot + blocksAt, entry))
    place(tree, size, entry, min(depth, leafDepth), dimension, cut, left)
  }
  setSize(slot, index, size + 1)
  retain(slot, entry)
}
