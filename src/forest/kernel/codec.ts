// A forest's state as bytes: canonical (two forests that will behave alike give the same bytes, however their blocks are
// numbered) and small: entries are ranks among the points in use, masses take as many bits as they can need, only rows
// that a point in use covers are written. Boxes and counts of references are made anew.
import {
  BLOCK, blockBytes, blockLog, blockMeta, blocksAt, codecAt, COPIES, dimensions, masksAt, blockRoom, orderAt, PERIODS, ranksAt,
  RECORD, recordsAt, rowBytes, shingle, sizeOf, stackAt, treeOf, trees,
} from './layout'
import { recount } from './learn-again'

let at: usize = 0
let bits: u64 = 0
let bitCount: u32 = 0
let blockCount: u32 = 0
let pointCount: u32 = 0

// @ts-ignore: decorator
@inline
function put(value: u32, width: u32): void {
  bits |= <u64>value << <u64>bitCount
  bitCount += width
  if (bitCount >= 32) {
    store<u32>(at, <u32>bits)
    at += 4
    bits >>= 32
    bitCount -= 32
  }
}

// @ts-ignore: decorator
@inline
function take(width: u32): u32 {
  if (bitCount < width) {
    bits |= <u64>load<u32>(at) << <u64>bitCount
    at += 4
    bitCount += 32
  }
  const value = <u32>(bits & ((<u64>1 << <u64>width) - 1))
  bits >>= <u64>width
  bitCount -= width
  return value
}

// @ts-ignore: decorator
@inline
function widthOf(codes: u32): u32 {
  return codes < 2 ? 0 : 32 - clz<u32>(codes - 1)
}

// @ts-ignore: decorator
@inline
function rankAt(entry: u32): usize {
  return ranksAt + (<usize>entry << 1)
}

/** Lists the blocks in use in order of time, and ranks the points in use. */
function rank(slot: usize): void {
  blockCount = 0
  for (let b: u32 = 0; b < blockRoom; b++) {
    if (load<u32>(blockMeta(slot, b), 4) == 0) continue
    const first = load<u32>(blockMeta(slot, b))
    let i = blockCount++
    while (i > 0 && load<u32>(blockMeta(slot, load<u16>(orderAt + (<usize>(i - 1) << 1)))) > first) {
      store<u16>(orderAt + (<usize>i << 1), load<u16>(orderAt + (<usize>(i - 1) << 1)))
      i--
    }
    store<u16>(orderAt + (<usize>i << 1), <u16>b)
  }
  memory.fill(ranksAt, 0, <usize>blockRoom << (blockLog + 1))
  for (let t: u32 = 0; t < trees; t++) {
    const tree = treeOf(slot, t)
    const end = tree + (<usize>sizeOf(slot, t) << 1)
    for (let entry = tree; entry < end; entry += 2) store<u16>(rankAt(load<u16>(entry)), 1)
  }
}

/** Writes the state to the codec area; gives the number of bytes. */
export function encode(slot: usize): usize {
  rank(slot)
  at = codecAt + 12
  bits = 0
  bitCount = 0
  pointCount = 0
  const current = load<u32>(slot + BLOCK)
  let currentRank: u32 = 0
  for (let i: u32 = 0; i < blockCount; i++) {
    const block = <u32>load<u16>(orderAt + (<usize>i << 1))
    if (block == current) currentRank = i
    put(load<u32>(blockMeta(slot, block)), 32)
    let mask: u64 = 0
    for (let o: u32 = 0; o < <u32>(1 << blockLog); o++) {
      const used = <u32>load<u16>(rankAt((block << blockLog) + o))
      put(used, 1)
      mask |= <u64>used << <u64>o
      store<u16>(rankAt((block << blockLog) + o), <u16>pointCount)
      pointCount += used
    }
    store<u64>(masksAt + (<usize>i << 3), mask)
  }
  store<u32>(codecAt, blockCount)
  store<u32>(codecAt, currentRank, 4)
  store<u32>(codecAt, pointCount, 8)
  for (let t: u32 = 0; t < trees; t++) encodeTree(treeOf(slot, t), sizeOf(slot, t))
  if (bitCount > 0) put(0, 32 - bitCount)
  for (let t: u32 = 0; t < trees; t++) encodeCuts(treeOf(slot, t), sizeOf(slot, t))
  walkRows(slot, true)
  return at - codecAt
}

function encodeTree(tree: usize, size: u32): void {
  const width = widthOf(pointCount)
  for (let i: u32 = 0; i < size; i++) put(load<u16>(rankAt(load<u16>(tree + (<usize>i << 1)))), width)
  const dimensionWidth = widthOf(dimensions + 1)
  let record = tree + recordsAt
  let stack = stackAt
  store<u16>(stack, <u16>size)
  stack += 2
  while (stack > stackAt) {
    stack -= 2
    const n = <u32>load<u16>(stack)
    if (n < 2) continue
    const dimension = <u32>load<u16>(record, 4)
    if (dimension == COPIES) {
      put(dimensions, dimensionWidth)
      record += <usize>(n - 1) * RECORD
      continue
    }
    const leftMass = <u32>load<u16>(record, 6)
    put(dimension, dimensionWidth)
    put(leftMass - 1, widthOf(n - 1))
    record += RECORD
    store<u16>(stack, <u16>(n - leftMass))
    store<u16>(stack, <u16>leftMass, 2)
    stack += 4
  }
}

function encodeCuts(tree: usize, size: u32): void {
  let record = tree + recordsAt
  for (let i: u32 = 1; i < size; i++) {
    if (<u32>load<u16>(record, 4) != COPIES) {
      store<u32>(at, load<u32>(record))
      at += 4
    }
    record += RECORD
  }
}

/** Reads the state from the codec area into a slot whose header and sizes are set. */
export function decode(slot: usize): void {
  blockCount = load<u32>(codecAt)
  pointCount = load<u32>(codecAt, 8)
  store<u32>(slot + BLOCK, load<u32>(codecAt, 4))
  at = codecAt + 12
  bits = 0
  bitCount = 0
  let point: u32 = 0
  for (let b: u32 = 0; b < blockCount; b++) {
    store<u16>(orderAt + (<usize>b << 1), <u16>b)
    store<u32>(blockMeta(slot, b), take(32))
    let mask: u64 = 0
    for (let o: u32 = 0; o < <u32>(1 << blockLog); o++) {
      if (!take(1)) continue
      mask |= <u64>1 << <u64>o
      store<u16>(ranksAt + (<usize>(point++) << 1), <u16>((b << blockLog) + o))
    }
    store<u64>(masksAt + (<usize>b << 3), mask)
  }
  for (let t: u32 = 0; t < trees; t++) decodeTree(treeOf(slot, t), sizeOf(slot, t))
  for (let t: u32 = 0; t < trees; t++) decodeCuts(treeOf(slot, t), sizeOf(slot, t))
  walkRows(slot, false)
  recount(slot)
}

function decodeTree(tree: usize, size: u32): void {
  const width = widthOf(pointCount)
  for (let i: u32 = 0; i < size; i++) {
    store<u16>(tree + (<usize>i << 1), load<u16>(ranksAt + (<usize>take(width) << 1)))
  }
  const dimensionWidth = widthOf(dimensions + 1)
  let record = tree + recordsAt
  let stack = stackAt
  store<u16>(stack, <u16>size)
  stack += 2
  while (stack > stackAt) {
    stack -= 2
    const n = <u32>load<u16>(stack)
    if (n < 2) continue
    const dimension = take(dimensionWidth)
    if (dimension == dimensions) {
      for (let i: u32 = 1; i < n; i++) {
        store<u64>(record, (<u64>1 << 48) | (<u64>COPIES << 32))
        record += RECORD
      }
      continue
    }
    const leftMass = take(widthOf(n - 1)) + 1
    store<u16>(record, <u16>dimension, 4)
    store<u16>(record, <u16>leftMass, 6)
    record += RECORD
    store<u16>(stack, <u16>(n - leftMass))
    store<u16>(stack, <u16>leftMass, 2)
    stack += 4
  }
}

function decodeCuts(tree: usize, size: u32): void {
  let record = tree + recordsAt
  for (let i: u32 = 1; i < size; i++) {
    if (<u32>load<u16>(record, 4) != COPIES) {
      store<u32>(record, load<u32>(at))
      at += 4
    }
    record += RECORD
  }
}

/** Copies the rows that points in use cover, and the rolling window, out or in: each period once. */
function walkRows(slot: usize, out: bool): void {
  const size: i32 = 1 << blockLog
  const reach = <i32>shingle - 1
  const current = load<u32>(slot + BLOCK)
  let before: usize = 0
  let beforeFirst: u32 = 0
  let beforeLast: i32 = -1
  for (let i: u32 = 0; i < blockCount; i++) {
    const block = <u32>load<u16>(orderAt + (<usize>i << 1))
    const mask = load<u64>(masksAt + (<usize>i << 3))
    const rows = slot + blocksAt + <usize>block * blockBytes
    const first = load<u32>(blockMeta(slot, block))
    const follows = i > 0 && beforeFirst + <u32>size == first
    // The window of the current block: its last shingle - 1 rows are wanted whether or not a tree holds them.
    const used = block == current ? <i32>(load<u32>(slot + PERIODS) - first) : i32.MAX_VALUE
    let last: i32 = -1
    for (let r: i32 = 0; r < size + reach; r++) {
      if (r < size && (mask >> <u64>r) & 1) last = r
      const wanted = (last >= 0 && r - last <= reach) || (r >= used && r - used < reach)
      if (!wanted) continue
      const row = rows + <usize>r * rowBytes
      if (follows && r < reach && beforeLast >= 0 && r + size - beforeLast <= reach) {
        if (!out) memory.copy(row, before + <usize>(r + size) * rowBytes, rowBytes)
        continue
      }
      for (let w: usize = 0; w < rowBytes; w += 4) {
        if (out) store<u32>(at, load<u32>(row + w))
        else store<u32>(row + w, load<u32>(at))
        at += 4
      }
    }
    before = rows
    beforeFirst = first
    beforeLast = last
  }
}
