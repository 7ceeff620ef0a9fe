import { expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { FusedCell } from '../../../../src/forecast/deepar/fused-cell.ts'
import { FusedLstm, type LstmState } from '../../../../src/forecast/deepar/fused-lstm.ts'
import type { Tensor2D, Tensor3D } from '../../../../src/forecast/deepar/tf.ts'
import { tensorflow } from '../../../support/tensorflow.ts'

it('steps to the state that a whole sequence ends in', () => {
  const tf = tensorflow()
  const [steps, rows, inputs, cells] = [7, 3, 5, 4]
  const rng = new Rng(1)
  const draw = (count: number) => Float32Array.from({ length: count }, () => rng.normal())
  const kernel = draw((inputs + cells) * 4 * cells)
  const bias = draw(4 * cells)
  const x = tf.tensor3d(draw(steps * rows * inputs), [steps, rows, inputs]) as Tensor3D
  const lstm = new FusedLstm(tf)
  const weights = { kernel: tf.tensor2d(kernel, [inputs + cells, 4 * cells]), bias: tf.tensor1d(bias) }
  const whole = lstm.lastState(lstm.forward(x, weights))
  const cell = new FusedCell(tf)
  const own = cell.load(kernel, bias)
  let state: LstmState = { h: tf.zeros([rows, cells]), c: tf.zeros([rows, cells]) }
  for (let t = 0; t < steps; t++) {
    state = cell.step(x.slice([t, 0, 0], [1, -1, -1]).reshape([rows, inputs]), state, own)
  }
  const furthest = (a: Tensor2D, b: Tensor2D) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!
  expect(furthest(state.h, whole.h)).toBeLessThan(1e-6)
  expect(furthest(state.c, whole.c)).toBeLessThan(1e-6)
})
