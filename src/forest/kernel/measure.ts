// Boxes of subtrees against a point. A box is the union of the shingles of a run of entries, so no box is stored for
// small subtrees: it is read off the leaves, which are shared, compact and already warm.
// The type parameter is a compile-time width: u8 one dimension, u16 up to four, u32 up to eight, u64 any number.
import { blockBytes, blockLog, boxBytes, boxScratchAt, maskAt, rowBytes, vectors } from './layout'

/** Sum of the box's sides, and of the distances by which the point lies outside, after `measure`. */
export let range: f32 = 0
export let outside: f32 = 0

// Box in hand: one dimension in globals, otherwise four vectors in locals are not possible across functions, so the
// box lives in scratch: lower bounds, then upper bounds.
let low: f32 = 0
let high: f32 = 0

// @ts-ignore: decorator
@inline
function highAt(): usize {
  return boxScratchAt + (<usize>vectors << 4)
}

/** Starts the box at one point. */
// @ts-ignore: decorator
@inline
export function boxFrom<T>(point: usize): void {
  if (sizeof<T>() == 1) {
    low = high = load<f32>(point)
  } else {
    const upper = highAt()
    const count: u32 = sizeof<T>() == 2 ? 1 : sizeof<T>() == 4 ? 2 : vectors
    for (let v: u32 = 0; v < count; v++) {
      const value = v128.load(point + (<usize>v << 4))
      v128.store(boxScratchAt + (<usize>v << 4), value)
      v128.store(upper + (<usize>v << 4), value)
    }
  }
}

/** Takes a kept box as the box in hand. */
// @ts-ignore: decorator
@inline
export function boxLoad<T>(box: usize): void {
  if (sizeof<T>() == 1) {
    low = load<f32>(box)
    high = load<f32>(box, 4)
  } else if (sizeof<T>() == 2) {
    v128.store(boxScratchAt, v128.load(box))
    v128.store(boxScratchAt, v128.load(box, 16), 16)
  } else {
    memory.copy(boxScratchAt, box, boxBytes)
  }
}

/** Keeps the box in hand. */
// @ts-ignore: decorator
@inline
export function boxStore<T>(box: usize): void {
  if (sizeof<T>() == 1) {
    store<f32>(box, low)
    store<f32>(box, high, 4)
  } else {
    memory.copy(box, boxScratchAt, boxBytes)
  }
}

/** Widens the box in hand by a kept one. */
// @ts-ignore: decorator
@inline
export function boxUnite<T>(box: usize): void {
  if (sizeof<T>() == 1) {
    low = min(low, load<f32>(box))
    high = max(high, load<f32>(box, 4))
  } else {
    const bytes = <usize>vectors << 4
    const upper = highAt()
    for (let v: usize = 0; v < bytes; v += 16) {
      v128.store(boxScratchAt + v, f32x4.pmin(v128.load(boxScratchAt + v), v128.load(box + v)))
      v128.store(upper + v, f32x4.pmax(v128.load(upper + v), v128.load(box + bytes + v)))
    }
  }
}

/** Widens the box by the points of entries [from, to). */
// @ts-ignore: decorator
@inline
export function boxJoin<T>(tree: usize, blocks: usize, from: u32, to: u32): void {
  let at = tree + (<usize>from << 1)
  const end = tree + (<usize>to << 1)
  // In locals: globals would be read again for every leaf. An entry lies at entry x row, and one overlap further for
  // every block before it.
  const log = blockLog
  const row = rowBytes
  const overlap = blockBytes - (row << <usize>log)
  if (sizeof<T>() == 1) {
    let lo = low
    let hi = high
    for (; at < end; at += 2) {
      const value = load<f32>(blocks + (<usize>load<u16>(at) << 2))
      lo = value < lo ? value : lo
      hi = value > hi ? value : hi
    }
    low = lo
    high = hi
  } else if (sizeof<T>() == 2) {
    let lo = v128.load(boxScratchAt)
    let hi = v128.load(highAt())
    for (; at < end; at += 2) {
      const entry = <usize>load<u16>(at)
      const value = v128.load(blocks + entry * row + (entry >> log) * overlap)
      lo = f32x4.pmin(lo, value)
      hi = f32x4.pmax(hi, value)
    }
    v128.store(boxScratchAt, lo)
    v128.store(highAt(), hi)
  } else if (sizeof<T>() == 4) {
    let lo0 = v128.load(boxScratchAt)
    let lo1 = v128.load(boxScratchAt, 16)
    let hi0 = v128.load(boxScratchAt, 32)
    let hi1 = v128.load(boxScratchAt, 48)
    for (; at < end; at += 2) {
      const entry = <usize>load<u16>(at)
      const point = blocks + entry * row + (entry >> log) * overlap
      const value0 = v128.load(point)
      const value1 = v128.load(point, 16)
      lo0 = f32x4.pmin(lo0, value0)
      hi0 = f32x4.pmax(hi0, value0)
      lo1 = f32x4.pmin(lo1, value1)
      hi1 = f32x4.pmax(hi1, value1)
    }
    v128.store(boxScratchAt, lo0)
    v128.store(boxScratchAt, lo1, 16)
    v128.store(boxScratchAt, hi0, 32)
    v128.store(boxScratchAt, hi1, 48)
  } else {
    const lower = boxScratchAt
    const bytes = <usize>vectors << 4
    const upper = lower + bytes
    for (; at < end; at += 2) {
      const entry = <usize>load<u16>(at)
      const point = blocks + entry * row + (entry >> log) * overlap
      for (let v: usize = 0; v < bytes; v += 16) {
        const value = v128.load(point + v)
        v128.store(lower + v, f32x4.pmin(v128.load(lower + v), value))
        v128.store(upper + v, f32x4.pmax(v128.load(upper + v), value))
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function sum(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1))
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1)
}

/** Measures the box in hand against a point. */
// @ts-ignore: decorator
@inline
export function measure<T>(x: usize): void {
  if (sizeof<T>() == 1) {
    const value = load<f32>(x)
    const under = low - value
    const over = value - high
    range = high - low
    outside = max<f32>(max<f32>(under, over), 0)
  } else {
    const count: u32 = sizeof<T>() == 2 ? 1 : sizeof<T>() == 4 ? 2 : vectors
    const upper = highAt()
    const zero = f32x4.splat(0)
    let ranges = zero
    let outsides = zero
    const last = (<usize>(count - 1)) << 4
    for (let v: usize = 0; v < last; v += 16) {
      const lo = v128.load(boxScratchAt + v)
      const hi = v128.load(upper + v)
      const value = v128.load(x + v)
      ranges = f32x4.add(ranges, f32x4.sub(hi, lo))
      outsides = f32x4.add(outsides, f32x4.pmax(zero, f32x4.pmax(f32x4.sub(lo, value), f32x4.sub(value, hi))))
    }
    const mask = v128.load(maskAt)
    const lo = v128.load(boxScratchAt + last)
    const hi = v128.load(upper + last)
    const value = v128.load(x + last)
    ranges = f32x4.add(ranges, v128.and(mask, f32x4.sub(hi, lo)))
    const tail = f32x4.pmax(zero, f32x4.pmax(f32x4.sub(lo, value), f32x4.sub(value, hi)))
    outsides = f32x4.add(outsides, v128.and(mask, tail))
    range = sum(ranges)
    outside = sum(outsides)
  }
}

/** Lower and upper bound of the box in hand in one dimension. */
// @ts-ignore: decorator
@inline
export function lowOf<T>(dimension: u32): f32 {
  if (sizeof<T>() == 1) return low
  return load<f32>(boxScratchAt + (<usize>dimension << 2))
}

// @ts-ignore: decorator
@inline
export function highOf<T>(dimension: u32): f32 {
  if (sizeof<T>() == 1) return high
  return load<f32>(highAt() + (<usize>dimension << 2))
}
