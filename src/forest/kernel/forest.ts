// A forest's life: one period after another, tree by tree. All that a tree does in a call depends on nothing that
// another tree does, so a call walks the trees in the order in which they lie and gives each all the periods at hand.
import {
  BLOCK, blockBytes, blockLog, blockMeta, blocksAt, boxesAt, decayFactor, dimensions, initialAccept, inputAt,
  LEARN_FROM, LEARNED, blockRoom, metaAt, outputAt, periodOf, PERIODS, pointOf, queryAt, release, RESULT, retain, rowBytes,
  sampleSize, SEED, setSize, shingle, sizeOf, thresholdAt, treeOf, trees, treesAt, vectors, WEIGHT,
} from './layout'
import { clearBoxes } from './boxes'
import { insert, removeAny, removeAt } from './change'
import { below, next, reseed } from './random'
import { findOverlaps, score } from './leave-out'
import { codisp, displacement, inverseDepth, sparsity } from './score'

let visited: usize = 0
let sink: u64 = 0

/**
 * Reads through a forest that was not the last one visited, in order. Its memory is then most likely cold, and read in
 * order it comes several times quicker than in the order in which paths and leaves would ask for it.
 */
function warm(slot: usize): void {
  if (slot == visited) return
  visited = slot
  let sum: u64 = 0
  for (let t: u32 = 0; t < trees; t++) {
    const tree = treeOf(slot, t)
    for (let at = tree; at < tree + boxesAt; at += 64) sum += load<u64>(at)
  }
  const blocks = slot + blocksAt
  for (let b: u32 = 0; b < blockRoom; b++) {
    if (load<u32>(blockMeta(slot, b), 4) == 0) continue
    const block = blocks + <usize>b * blockBytes
    for (let at = block; at < block + blockBytes; at += 64) sum += load<u64>(at)
  }
  sink = sum
}

/** An empty forest in a slot that may hold anything. */
export function initialise(slot: usize, seed: u64): void {
  memory.fill(slot, 0, treesAt)
  for (let t: u32 = 0; t < trees; t++) clearBoxes(treeOf(slot, t))
  store<u64>(slot, (seed ^ (seed >> 29)) * 0xbf58476d1ce4e5b9, SEED)
}

/** Scores without learning the shingle whose last row lies in the input area; results go to the output area. */
export function scoreOnly(slot: usize, leaveOut: bool): void {
  warm(slot)
  assembleQuery(slot)
  if (leaveOut) findOverlaps(slot, load<u32>(slot + PERIODS))
  memory.fill(outputAt, 0, RESULT)
  if (dimensions == 1) scoreAll<u8>(slot, leaveOut)
  else if (vectors == 1) scoreAll<u16>(slot, leaveOut)
  else if (vectors == 2) scoreAll<u32>(slot, leaveOut)
  else scoreAll<u64>(slot, leaveOut)
}

function scoreAll<T>(slot: usize, leaveOut: bool): void {
  const period = load<u32>(slot + PERIODS)
  for (let t: u32 = 0; t < trees; t++) {
    const size = sizeOf(slot, t)
    if (size == 0) continue
    score<T>(slot, treeOf(slot, t), size, queryAt, period, leaveOut)
    collect(outputAt)
  }
}

// @ts-ignore: decorator
@inline
function collect(out: usize): void {
  store<f64>(out, load<f64>(out) + codisp)
  store<f64>(out, load<f64>(out, 8) + inverseDepth, 8)
  store<f64>(out, load<f64>(out, 16) + displacement, 16)
  store<f64>(out, load<f64>(out, 24) + sparsity, 24)
}

/** The rolling window's newest rows and the input area's row, as one shingle in the query area. */
export function assembleQuery(slot: usize): void {
  const kept = <usize>(shingle - 1) * rowBytes
  const periods = load<u32>(slot + PERIODS)
  if (periods > 0) {
    const block = load<u32>(slot + BLOCK)
    const used = periods - load<u32>(blockMeta(slot, block))
    memory.copy(queryAt, slot + blocksAt + <usize>block * blockBytes + <usize>used * rowBytes, kept)
  }
  memory.copy(queryAt + kept, inputAt, rowBytes)
}

/** Takes in `count` periods from the input area; with `scoring`, writes the score of each before it is learned. */
export function advance(slot: usize, count: u32, scoring: bool, leaveOut: bool): void {
  warm(slot)
  memory.fill(outputAt, 0, <usize>count * RESULT)
  let done: u32 = 0
  while (done < count) {
    const room = makeRoom(slot)
    const now = min(room, count - done)
    if (dimensions == 1) run<u8>(slot, done, now, scoring, leaveOut)
    else if (vectors == 1) run<u16>(slot, done, now, scoring, leaveOut)
    else if (vectors == 2) run<u32>(slot, done, now, scoring, leaveOut)
    else run<u64>(slot, done, now, scoring, leaveOut)
    done += now
  }
}

/** Periods that the current block still takes; begins a new one when it is full. */
function makeRoom(slot: usize): u32 {
  const periods = load<u32>(slot + PERIODS)
  const current = load<u32>(slot + BLOCK)
  const size: u32 = 1 << blockLog
  if (periods > 0) {
    const used = periods - load<u32>(blockMeta(slot, current))
    if (used < size) return size - used
  }
  const fresh = periods == 0 ? 0 : freeBlock(slot, current)
  const blocks = slot + blocksAt
  const history = <usize>(shingle - 1) * rowBytes
  const target = blocks + <usize>fresh * blockBytes
  if (periods > 0) {
    memory.copy(target, blocks + <usize>current * blockBytes + <usize>size * rowBytes, history)
    const meta = blockMeta(slot, current)
    store<u32>(meta, load<u32>(meta, 4) - 1, 4)
  }
  const meta = blockMeta(slot, fresh)
  store<u32>(meta, periods)
  store<u32>(meta, 1, 4)
  store<u32>(slot + BLOCK, fresh)
  return size
}

/** The lowest block that nothing refers to; when there is none, the oldest is given up with its points. */
function freeBlock(slot: usize, current: u32): u32 {
  let oldest = current
  let age: u32 = 0xffffffff
  for (let b: u32 = 0; b < blockRoom; b++) {
    const meta = blockMeta(slot, b)
    if (load<u32>(meta, 4) == 0) return b
    if (b != current && load<u32>(meta) < age) {
      age = load<u32>(meta)
      oldest = b
    }
  }
  drop(slot, age, age + (1 << blockLog))
  return oldest
}

/** Deletes the points that ended in periods [from, to) from every tree; gives how many. */
export function drop(slot: usize, from: u32, to: u32): u32 {
  let dropped: u32 = 0
  for (let t: u32 = 0; t < trees; t++) {
    const tree = treeOf(slot, t)
    let size = sizeOf(slot, t)
    for (let i: u32 = size; i > 0; i--) {
      const period = periodOf(slot, load<u16>(tree + (<usize>(i - 1) << 1)))
      if (period < from || period >= to) continue
      release(slot, removeAny(tree, slot + blocksAt, size--, i - 1))
      dropped++
    }
    setSize(slot, t, size)
  }
  return dropped
}

/**
 * Chao's (1982) unequal-probability reservoir with weights that decay: a new point is taken in with probability
 * sampleSize / (sum of weights so far), in place of one drawn evenly. The chance to be in the sample is then exactly
 * proportional to the weight, and no weight is stored. Thresholds are of 32 bits; 2^32 is "always".
 */
function plan(slot: usize, now: u32): void {
  let weight = load<f64>(slot + WEIGHT)
  const period = load<u32>(slot + PERIODS)
  for (let k: u32 = 0; k < now; k++) {
    weight *= decayFactor
    let threshold: u64 = 0
    if (period + k + 1 >= shingle && period + k >= load<u32>(slot + LEARN_FROM)) {
      weight += 1
      threshold = <u64>(4294967296.0 * min(1.0, <f64>sampleSize / weight))
      store<u32>(slot + LEARNED, load<u32>(slot + LEARNED) + 1)
    }
    store<u64>(thresholdAt + (<usize>k << 3), threshold)
  }
  store<f64>(slot + WEIGHT, weight)
}

function run<T>(slot: usize, done: u32, now: u32, scoring: bool, leaveOut: bool): void {
  const period = load<u32>(slot + PERIODS)
  const block = load<u32>(slot + BLOCK)
  const offset = period - load<u32>(blockMeta(slot, block))
  const blocks = slot + blocksAt
  const firstEntry = (block << blockLog) + offset
  const firstPoint = pointOf(blocks, firstEntry)
  memory.copy(
    firstPoint + <usize>(shingle - 1) * rowBytes,
    inputAt + <usize>done * rowBytes,
    <usize>now * rowBytes,
  )
  plan(slot, now)
  if (leaveOut) findOverlaps(slot, period + now - 1)
  store<u32>(slot + PERIODS, period + now)
  for (let t: u32 = 0; t < trees; t++) {
    const tree = treeOf(slot, t)
    for (let k: u32 = 0; k < now; k++) {
      const x = firstPoint + <usize>k * rowBytes
      let size = sizeOf(slot, t)
      if (scoring && size > 0 && period + k + 1 >= shingle) {
        score<T>(slot, tree, size, x, period + k, leaveOut)
        collect(outputAt + <usize>(done + k) * RESULT)
      }
      reseed(slot, t, period + k)
      if (next() >> 32 >= accepting(slot, t, size, load<u64>(thresholdAt + (<usize>k << 3)))) continue
      if (size == sampleSize) release(slot, removeAt<T>(tree, blocks, size--, below(sampleSize)))
      insert<T>(tree, blocks, size, firstEntry + k, x)
      retain(slot, firstEntry + k)
      setSize(slot, t, size + 1)
    }
  }
}

/** The threshold of one tree: while it fills for the first time, fewer are taken in as it fills, if so wished. */
// @ts-ignore: decorator
@inline
function accepting(slot: usize, tree: u32, size: u32, threshold: u64): u64 {
  const filled = slot + metaAt + (<usize>tree << 2) + 3
  if (initialAccept >= 1 || threshold == 0 || load<u8>(filled)) return threshold
  if (size == sampleSize) {
    store<u8>(filled, 1)
    return threshold
  }
  const fill = <f64>size / <f64>sampleSize
  const chance = fill < initialAccept ? 1 : 1 - (fill - initialAccept) / (1 - initialAccept)
  return max(<u64>(4294967296.0 * chance), threshold < 4294967296 ? threshold : 0)
}
