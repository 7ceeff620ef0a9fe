import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tf } from '../../src/forecast/deepar/tf.ts'

/** The LSTM as a graph of elementary ops, step by step: what the fused op must agree with. Gates i, f, c~, o. */
export function unrolledLstm(tf: Tf, x: Tensor3D, kernel: Tensor2D, bias: Tensor1D): Tensor3D {
  const [steps, rows] = x.shape
  const cells = bias.shape[0] / 4
  let h: Tensor2D = tf.zeros([rows, cells])
  let c: Tensor2D = tf.zeros([rows, cells])
  const outputs: Tensor[] = []
  for (let t = 0; t < steps; t++) {
    const input = x.slice([t, 0, 0], [1, -1, -1]).reshape([rows, x.shape[2]]) as Tensor2D
    const gates = tf.add(tf.matMul(tf.concat([input, h], 1), kernel), bias) as Tensor2D
    const gate = (index: number) => gates.slice([0, index * cells], [-1, cells])
    c = tf.add(tf.mul(tf.sigmoid(gate(1)), c), tf.mul(tf.sigmoid(gate(0)), tf.tanh(gate(2))))
    h = tf.mul(tf.sigmoid(gate(3)), tf.tanh(c))
    outputs.push(h)
  }
  return tf.stack(outputs) as Tensor3D
}
