import { describe, expect, it } from 'vitest'
import { FusedLstm } from '../../../../src/forecast/deepar/fused-lstm.ts'
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '../../../../src/forecast/deepar/tf.ts'
import { tensorflow } from '../../../support/tensorflow.ts'
import { unrolledLstm } from '../../../support/unrolled-lstm.ts'

const tf = tensorflow()
const [STEPS, ROWS, INPUTS, CELLS] = [9, 5, 6, 4]

function furthest(a: Tensor, b: Tensor): number {
  return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!
}

describe('FusedLstm against the unrolled graph', () => {
  const x = tf.randomNormal([STEPS, ROWS, INPUTS], 0, 1, 'float32', 1) as Tensor3D
  const kernel = tf.randomNormal([INPUTS + CELLS, 4 * CELLS], 0, 0.5, 'float32', 2) as Tensor2D
  const bias = tf.randomNormal([4 * CELLS], 0, 0.5, 'float32', 3) as Tensor1D
  const upstream = tf.randomNormal([STEPS, ROWS, CELLS], 0, 1, 'float32', 4) as Tensor3D
  const lstm = new FusedLstm(tf)
  const run = lstm.forward(x, { kernel, bias })

  it('gives the same outputs', () => {
    expect(furthest(run.output, unrolledLstm(tf, x, kernel, bias))).toBeLessThan(1e-6)
  })

  it('gives the same gradients of inputs, kernel and bias', () => {
    const loss = (...args: Tensor[]) => {
      const [x1, kernel1, bias1] = args as [Tensor3D, Tensor2D, Tensor1D]
      return tf.sum(tf.mul(unrolledLstm(tf, x1, kernel1, bias1), upstream))
    }
    const [dx, dKernel, dBias] = tf.grads(loss)([x, kernel, bias]) as [Tensor, Tensor, Tensor]
    const found = lstm.backward(run, upstream)
    expect(furthest(found.x, dx)).toBeLessThan(1e-5)
    expect(furthest(found.kernel, dKernel)).toBeLessThan(2e-5)
    expect(furthest(found.bias, dBias)).toBeLessThan(2e-5)
  })
})
