// What changes a forest outside the stream's own order: a range made normal, a restored or scripted tree.
import {
  BLOCK, blockLog, blockMeta, blocksAt, dimensions, inputAt, maxBlocks, PERIODS, periodOf, pointOf, sampleSize, setSize,
  shingle, sizeOf, treeOf, trees, vectors,
} from './layout'
import { insert, place, removeAt } from './change'
import { descend, leafDepth } from './descend'
import { below, reseed } from './random'

/** The entry of a period that the store still holds, or 0xffffffff. */
function entryOf(slot: usize, period: u32): u32 {
  const size: u32 = 1 << blockLog
  for (let b: u32 = 0; b < maxBlocks; b++) {
    const meta = blockMeta(slot, b)
    if (load<u32>(meta, 4) == 0) continue
    const offset = period - load<u32>(meta)
    if (offset < size) return (b << blockLog) + offset
  }
  return 0xffffffff
}

/**
 * Brings the share of each tree's points that ended in periods [from, to) up to `share`, by shingles of that range
 * that the store still holds, in place of others drawn evenly. Gives how many it inserted.
 */
export function adopt(slot: usize, from: u32, to: u32, share: f64): u32 {
  if (dimensions == 1) return adoptWide<u8>(slot, from, to, share)
  if (vectors == 1) return adoptWide<u16>(slot, from, to, share)
  if (vectors == 2) return adoptWide<u32>(slot, from, to, share)
  return adoptWide<u64>(slot, from, to, share)
}

function adoptWide<T>(slot: usize, from: u32, to: u32, share: f64): u32 {
  const blocks = slot + blocksAt
  const periods = load<u32>(slot + PERIODS)
  const span = min(to, periods) - from
  let inserted: u32 = 0
  for (let t: u32 = 0; t < trees; t++) {
    const tree = treeOf(slot, t)
    reseed(slot, t, periods + 0x80000000)
    let size = sizeOf(slot, t)
    let held: u32 = 0
    for (let i: u32 = 0; i < size; i++) held += within(slot, tree, i, from, to) ? 1 : 0
    const wanted = <u32>(share * <f64>sampleSize)
    let period = below(span)
    let missed: u32 = 0
    while (held < wanted && missed < span) {
      period = period + 1 < span ? period + 1 : 0
      const entry = entryOf(slot, from + period)
      if (entry == 0xffffffff) {
        missed++
        continue
      }
      missed = 0
      if (size == sampleSize) {
        let victim = below(size)
        while (within(slot, tree, victim, from, to)) victim = victim + 1 < size ? victim + 1 : 0
        release(slot, removeAt(tree, size--, victim))
      }
      insert<T>(tree, blocks, size, entry, pointOf(blocks, entry))
      store<u32>(blockMeta(slot, entry >> blockLog), load<u32>(blockMeta(slot, entry >> blockLog), 4) + 1, 4)
      size++
      held++
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

function release(slot: usize, entry: u32): void {
  const meta = blockMeta(slot, entry >> blockLog)
  store<u32>(meta, load<u32>(meta, 4) - 1, 4)
}

/** Counts anew what refers to each block, after trees were written from outside. */
export function recount(slot: usize): void {
  for (let b: u32 = 0; b < maxBlocks; b++) store<u32>(blockMeta(slot, b), 0, 4)
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
  const meta = blockMeta(slot, entry >> blockLog)
  store<u32>(meta, load<u32>(meta, 4) + 1, 4)
}
