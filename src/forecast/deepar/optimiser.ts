/** Adam with gradient clipping by the global norm and an exponential average of the weights, on one flat vector. */
export interface AdamOptions {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** L2 penalty, added to the clipped gradient (not decoupled). */
  readonly weightDecay: number
  readonly clipNorm: number
}

export const ADAM_DEFAULTS: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-8, clipNorm: 10 }

/**
 * Kingma and Ba 2015, with torch's order of operations: clip, add the penalty, move. In plain arrays: a network of this
 * size is updated in a fraction of the time that the same update takes as a graph of small tensor ops.
 */
export class Adam {
  readonly #options: AdamOptions
  readonly #first: Float64Array
  readonly #second: Float64Array
  #step = 0

  constructor(size: number, options: Partial<AdamOptions> = {}) {
    this.#options = { ...ADAM_DEFAULTS, ...options }
    this.#first = new Float64Array(size)
    this.#second = new Float64Array(size)
  }

  /** Moves `weights` in place; gives the gradient's norm before clipping. A gradient that is not finite moves nothing. */
  update(weights: Float32Array | Float64Array, gradient: Float32Array | Float64Array, learningRate: number): number {
    const { beta1, beta2, epsilon, weightDecay, clipNorm } = this.#options
    let squares = 0
    for (let i = 0; i < gradient.length; i++) squares += gradient[i]! * gradient[i]!
    const norm = Math.sqrt(squares)
    if (!Number.isFinite(norm)) return norm
    const factor = Math.min(1, clipNorm / (norm + 1e-6))
    this.#step++
    const first = this.#first
    const second = this.#second
    const correction1 = 1 - beta1 ** this.#step
    const correction2 = Math.sqrt(1 - beta2 ** this.#step)
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i]! * factor + weightDecay * weights[i]!
      const m = beta1 * first[i]! + (1 - beta1) * g
      const v = beta2 * second[i]! + (1 - beta2) * g * g
      first[i] = m
      second[i] = v
      weights[i] = weights[i]! - (learningRate * m) / correction1 / (Math.sqrt(v) / correction2 + epsilon)
    }
    return norm
  }
}

/** Cosine decay after a linear warm-up, from `peak` down to `peak * floor`. */
export function cosineRate(step: number, steps: number, peak: number, warmUp: number, floor = 0.01): number {
  if (step < warmUp) return (peak * (step + 1)) / warmUp
  const progress = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp))
  return peak * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2)
}
