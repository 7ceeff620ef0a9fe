import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import type { Affine, Likelihood } from '../distribution/likelihood.ts'
import type { DeepArConfig } from './config.ts'
import type { WindowBatch } from './windows.ts'

/** Targets further from the location than this many scales are learned from as if they were this far. */
const TARGET_MAX = 50

/**
 * The copy mechanism: softmax gates over "nothing" and the first `copied` lags say how much of each joins the location.
 * Adds the mixture to the location at `head[at]` in place and leaves the gates' weights in `weights` (nothing first).
 * A season that repeats is then there from the start, and the network learns what differs from it.
 */
export function applyCopies(
  copied: number,
  head: Float32Array | Float64Array,
  at: number,
  gatesAt: number,
  inputs: Float32Array | Float64Array,
  inputAt: number,
  weights: Float64Array,
): number {
  let top = head[gatesAt]!
  for (let k = 1; k <= copied; k++) top = Math.max(top, head[gatesAt + k]!)
  let total = 0
  for (let k = 0; k <= copied; k++) {
    const weight = Math.exp(head[gatesAt + k]! - top)
    weights[k] = weight
    total += weight
  }
  let moved = 0
  for (let k = 0; k <= copied; k++) {
    weights[k] = weights[k]! / total
    if (k > 0) moved += weights[k]! * inputs[inputAt + k - 1]!
  }
  head[at] = head[at]! + moved
  return moved
}

/** A target as the likelihood can take it: drawn in, and whole where counts are asked for. */
function admissible(likelihood: Likelihood, target: number, affine: Affine): number {
  if (likelihood.support === 'unit') return target
  const reach = TARGET_MAX * affine.scale
  const drawn = Math.min(affine.location + reach, target)
  return likelihood.support === 'count' ? Math.max(0, Math.round(drawn)) : Math.max(affine.location - reach, drawn)
}

export interface HeadLoss {
  /** Mean negative log-likelihood, in the network's units for real values. */
  readonly loss: number
  /** Its gradient with respect to the head's outputs, shape [steps * batch, head width]. */
  readonly gradient: Float32Array
}

/**
 * Loss of a batch from the head's outputs [steps * batch, width], which are changed in place. Masked steps count nothing
 * but stay in the divisor, so that a window of few values does not weigh as much as a full one. ln(scale) is left out of
 * the loss of real values: it would only make the losses of different data look different.
 */
export function headLoss(
  config: DeepArConfig,
  head: Float32Array,
  width: number,
  inputWidth: number,
  batch: WindowBatch,
): HeadLoss {
  const likelihood = LIKELIHOOD_BY_NAME[config.likelihood]
  const { copied } = config
  const gradient = new Float32Array(head.length)
  const weights = new Float64Array(copied + 1)
  const rows = batch.steps * batch.size
  let sum = 0
  for (let row = 0; row < rows; row++) {
    if (batch.weights[row] === 0) continue
    const affine = batch.affines[row % batch.size]!
    const at = row * width
    const gatesAt = at + likelihood.rawSize
    const inputAt = row * inputWidth
    const moved = copied > 0 ? applyCopies(copied, head, at, gatesAt, batch.inputs, inputAt, weights) : 0
    const y = admissible(likelihood, batch.targets[row]!, affine)
    sum += likelihood.logLikelihood(head, at, y, affine, gradient)
    if (likelihood.support === 'real' && likelihood.name !== 'deterministic-l1') sum += Math.log(affine.scale)
    for (let k = 0; k < likelihood.rawSize; k++) gradient[at + k] = -gradient[at + k]! / rows
    if (copied === 0) continue
    for (let k = 0; k <= copied; k++) {
      const value = k === 0 ? 0 : batch.inputs[inputAt + k - 1]!
      gradient[gatesAt + k] = gradient[at]! * weights[k]! * (value - moved)
    }
  }
  return { loss: -sum / rows, gradient }
}
