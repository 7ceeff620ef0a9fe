// Counter-based randomness (SplitMix64; Steele, Lea, Flood 2014): the numbers of a tree in a period depend on seed,
// tree and period alone, so there is no state to store and no order of visits or size of batches can change them.
import { SEED, trees } from './layout'

export let state: u64 = 0

// @ts-ignore: decorator
@inline
export function reseed(slot: usize, tree: u32, period: u32): void {
  state = load<u64>(slot + SEED) + (<u64>period * <u64>trees + <u64>tree) * 0xd1342543de82ef95
}

// @ts-ignore: decorator
@inline
export function next(): u64 {
  state += 0x9e3779b97f4a7c15
  let z = state
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb
  return z ^ (z >> 31)
}

/** Uniform over [0, 1), 53 bits. */
// @ts-ignore: decorator
@inline
export function uniform(): f64 {
  return <f64>(next() >> 11) * (1.0 / 9007199254740992.0)
}

/** Uniform over 0 .. bound - 1 (bias below 2^-20 for bounds up to 4,096). */
// @ts-ignore: decorator
@inline
export function below(bound: u32): u32 {
  return <u32>(((next() >> 32) * <u64>bound) >> 32)
}
