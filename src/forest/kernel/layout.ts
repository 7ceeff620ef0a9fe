// Where everything of a forest lies. All offsets are bytes within the forest's slot; one instance of the module holds
// forests of one shape only, so the shape is a set of globals, written once by `configure`. Slots come in sizes, for
// forests young and old: `arrange` writes the offsets of one size, and all calls after it are about slots of that size.

/** Marks the record of a group of equal points: no cut, a leaf with as many copies as its mass. */
export const COPIES: u32 = 0xffff
/** Bytes of a record: cut f32, dimension u16, mass of the left child u16. */
export const RECORD: usize = 8

/** Offsets in the slot's header. */
export const PERIODS: usize = 0
export const BLOCK: usize = 4
export const WEIGHT: usize = 8
export const SEED: usize = 16
export const LEARN_FROM: usize = 24
export const LEARNED: usize = 28
export const HEADER: usize = 64

export let inputs: u32 = 1
export let shingle: u32 = 1
export let dimensions: u32 = 1
export let vectors: u32 = 1
export let trees: u32 = 50
export let sampleSize: u32 = 256
export let decayFactor: f64 = 1
export let initialAccept: f64 = 1
export let blockLog: u32 = 0
export let blockMask: u32 = 0
export let blockBytes: usize = 0
export let rowBytes: usize = 0
export let boxMass: u32 = 0
/** Leaves of a tree, blocks of the store and boxes of a tree that a slot of the present size has room for. */
export let leafRoom: u32 = 0
export let blockRoom: u32 = 0
export let boxCap: u32 = 0
export let boxBytes: usize = 0

export let metaAt: usize = 0
export let blockMetaAt: usize = 0
export let treesAt: usize = 0
export let treeBytes: usize = 0
export let recordsAt: usize = 0
export let boxListAt: usize = 0
export let boxesAt: usize = 0
export let blocksAt: usize = 0
export let slotBytes: usize = 0

/** Scratch, shared by all forests of the instance, below the first slot. */
export let maskAt: usize = 0
export let queryAt: usize = 0
export let pathAt: usize = 0
export let boxScratchAt: usize = 0
export let inputAt: usize = 0
export let outputAt: usize = 0
export let thresholdAt: usize = 0
export let reciprocalAt: usize = 0
export let depthAt: usize = 0
export let copiesAt: usize = 0
export let slotsAt: usize = 0
export let spareTreeAt: usize = 0
export let overlapsAt: usize = 0
export let codecAt: usize = 0
export let ranksAt: usize = 0
export let orderAt: usize = 0
export let masksAt: usize = 0
export let stackAt: usize = 0

/** Periods that one call may bring. */
export const BATCH: u32 = 64
/** Bytes of one step of a path. */
export const STEP: usize = 16
/** Bytes of one period's results: CoDisp, inverse depth, displacement, sparsity. */
export const RESULT: usize = 32

// @ts-ignore: decorator
@inline
function up(value: usize, to: usize): usize {
  return (value + to - 1) & ~(to - 1)
}

/** Sets the shape, lays out scratch and a slot of the largest size, fills the tables. Gives the first slot's address. */
export function configure(
  inputs_: u32,
  shingle_: u32,
  trees_: u32,
  sampleSize_: u32,
  decayFactor_: f64,
  initialAccept_: f64,
  blockLog_: u32,
  maxBlocks_: u32,
  boxMass_: u32,
  boxCap_: u32,
): usize {
  inputs = inputs_
  shingle = shingle_
  dimensions = inputs * shingle
  vectors = (dimensions + 3) >> 2
  trees = trees_
  sampleSize = sampleSize_
  decayFactor = decayFactor_
  initialAccept = initialAccept_
  blockLog = blockLog_
  blockMask = (1 << blockLog) - 1
  rowBytes = <usize>inputs << 2
  boxMass = boxMass_
  boxBytes = dimensions == 1 ? 8 : (<usize>vectors << 5)
  blockBytes = <usize>((1 << blockLog) + shingle - 1) * rowBytes
  arrange(sampleSize, maxBlocks_, boxCap_)
  return layOutScratch()
}

/** Lays out slots for so many leaves a tree, blocks, and kept boxes a tree (a multiple of eight). */
export function arrange(leaves: u32, blocks: u32, boxes: u32): void {
  leafRoom = leaves
  blockRoom = blocks
  boxCap = boxes
  metaAt = HEADER
  blockMetaAt = up(metaAt + <usize>trees * 4, 8)
  treesAt = up(blockMetaAt + <usize>blockRoom * 8, 64)
  recordsAt = up(<usize>leafRoom * 2, 8)
  boxListAt = up(recordsAt + <usize>leafRoom * RECORD, 16)
  boxesAt = up(boxListAt + <usize>boxCap * 2, 16)
  treeBytes = up(boxesAt + <usize>boxCap * boxBytes, 16)
  blocksAt = up(treesAt + <usize>trees * treeBytes, 64)
  slotBytes = up(blocksAt + <usize>blockRoom * blockBytes + 16, 64)
}

function layOutScratch(): usize {
  let at: usize = up(__heap_base, 64)
  maskAt = at
  for (let i: u32 = 0; i < 4; i++) store<u32>(at + (i << 2), ((vectors - 1) << 2) + i < dimensions ? 0xffffffff : 0)
  at += 64
  const vectorBytes = up((<usize>vectors << 4) + 16, 64)
  queryAt = at
  at += vectorBytes
  boxScratchAt = at
  at += vectorBytes * 2
  pathAt = at + 64
  at = up(pathAt + <usize>(sampleSize + 2) * STEP, 64)
  inputAt = at
  at = up(at + <usize>BATCH * rowBytes, 64)
  outputAt = at
  at += <usize>BATCH * RESULT
  thresholdAt = at
  at += BATCH * 8
  reciprocalAt = at
  depthAt = reciprocalAt + (<usize>sampleSize + 8) * 8
  copiesAt = depthAt + (<usize>sampleSize + 8) * 8
  at = up(copiesAt + (<usize>sampleSize + 8) * 8, 64)
  for (let i: u32 = 0; i < sampleSize + 4; i++) {
    store<f64>(reciprocalAt + (<usize>i << 3), 1.0 / <f64>i)
    store<f64>(depthAt + (<usize>i << 3), 1.0 / <f64>(i + 1))
    store<f64>(copiesAt + (<usize>i << 3), log2(<f64>(i + 1)))
  }
  overlapsAt = at
  at = up(at + <usize>(shingle + 2) * 8, 64)
  spareTreeAt = at
  at = up(at + treeBytes, 64)
  ranksAt = at
  at = up(at + (<usize>blockRoom << (blockLog + 1)), 64)
  orderAt = at
  at = up(at + <usize>blockRoom * 2, 64)
  masksAt = at
  at = up(at + <usize>blockRoom * 8, 64)
  stackAt = at
  at = up(at + <usize>(sampleSize + 2) * 4, 64)
  codecAt = at
  // Never more than the slot itself: every part is written in at most the space that it takes there.
  at = up(at + slotBytes + 64, 64)
  slotsAt = at
  return at
}

/** log2 of whole numbers and halves of them, the same bits on every machine. */
function log2(x: f64): f64 {
  return NativeMath.log(x) * 1.4426950408889634
}

// @ts-ignore: decorator
@inline
export function treeOf(slot: usize, tree: u32): usize {
  return slot + treesAt + <usize>tree * treeBytes
}

// @ts-ignore: decorator
@inline
export function sizeOf(slot: usize, tree: u32): u32 {
  return load<u16>(slot + metaAt + (<usize>tree << 2))
}

// @ts-ignore: decorator
@inline
export function setSize(slot: usize, tree: u32, size: u32): void {
  store<u16>(slot + metaAt + (<usize>tree << 2), <u16>size)
}

/** The address of the shingle that a leaf's entry stands for. */
// @ts-ignore: decorator
@inline
export function pointOf(blocks: usize, entry: u32): usize {
  return blocks + <usize>(entry >> blockLog) * blockBytes + <usize>(entry & blockMask) * rowBytes
}

// @ts-ignore: decorator
@inline
export function blockMeta(slot: usize, block: u32): usize {
  return slot + blockMetaAt + (<usize>block << 3)
}

/** The period in which the shingle of an entry ended. */
// @ts-ignore: decorator
@inline
export function periodOf(slot: usize, entry: u32): u32 {
  return load<u32>(blockMeta(slot, entry >> blockLog)) + (entry & blockMask)
}

// @ts-ignore: decorator
@inline
export function release(slot: usize, entry: u32): void {
  const meta = blockMeta(slot, entry >> blockLog)
  store<u32>(meta, load<u32>(meta, 4) - 1, 4)
}

// @ts-ignore: decorator
@inline
export function retain(slot: usize, entry: u32): void {
  const meta = blockMeta(slot, entry >> blockLog)
  store<u32>(meta, load<u32>(meta, 4) + 1, 4)
}

export function layout(what: u32): usize {
  switch (what) {
    case 0: return slotBytes
    case 1: return treesAt
    case 2: return treeBytes
    case 3: return recordsAt
    case 4: return blocksAt
    case 5: return blockBytes
    case 6: return metaAt
    case 7: return blockMetaAt
    case 8: return queryAt
    case 9: return inputAt
    case 10: return outputAt
    case 11: return boxListAt
    case 12: return boxesAt
    case 13: return boxBytes
    case 14: return codecAt
    default: return slotsAt
  }
}
