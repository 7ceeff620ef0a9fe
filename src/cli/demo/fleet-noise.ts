import { mix32 } from '../../core/hash.ts'

/** Uniform over (0, 1), a function of its arguments alone: any instant can be asked for, in any order. */
export function uniformAt(seed: number, index: number, step: number): number {
  const high = Math.floor(step / 4294967296)
  const bits = mix32(mix32(mix32(seed ^ Math.imul(index + 1, 0x9e3779b1)) ^ (step >>> 0)) ^ (high + 0x7f4a7c15))
  return (bits + 0.5) / 4294967296
}

/** Standard normal (Box and Muller), a function of its arguments alone. */
export function normalAt(seed: number, index: number, step: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniformAt(seed, index, step)))
  return radius * Math.cos(2 * Math.PI * uniformAt(seed ^ 0x5bd1e995, index, step))
}

/** A slow wander of about unit size: normal values every `spanMs`, joined smoothly. */
export function driftAt(seed: number, index: number, timestampMs: number, spanMs: number): number {
  const step = Math.floor(timestampMs / spanMs)
  const part = timestampMs / spanMs - step
  const weight = part * part * (3 - 2 * part)
  return normalAt(seed, index, step) * (1 - weight) + normalAt(seed, index, step + 1) * weight
}
