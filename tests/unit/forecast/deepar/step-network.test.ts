import { expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { FusedLstm } from '../../../../src/forecast/deepar/fused-lstm.ts'
import { Network } from '../../../../src/forecast/deepar/network.ts'
import { StepNetwork } from '../../../../src/forecast/deepar/step-network.ts'
import type { Tensor1D, Tensor2D } from '../../../../src/forecast/deepar/tf.ts'
import { smallConfig, untrainedModel } from '../../../support/deepar-models.ts'
import { tensorflow } from '../../../support/tensorflow.ts'

it.each([8, 10, 40])('steps with %d cells as the network in TensorFlow does over a sequence', (cells) => {
  const tf = tensorflow()
  const model = untrainedModel(smallConfig({ cells }, [3]), 4)
  const stepper = new StepNetwork(model)
  const network = new Network(tf, model.config)
  const lstm = new FusedLstm(tf)
  const [steps, rows] = [30, 5]
  const plain = network.layout.size
  const rng = new Rng(9)
  const sequenceOf = Float32Array.from({ length: steps * rows * plain }, () => rng.normal())
  const categories = Int32Array.of(0, 1, 2, 1, 0)
  const weights = network.load(model.weights)
  const expected = tf.tidy(() => {
    let sequence = network.embed(weights, tf.tensor3d(sequenceOf, [steps, rows, plain]), [categories])
    for (let l = 0; l < model.config.layers; l++) {
      const layer = { kernel: weights[`kernel${l}`] as Tensor2D, bias: weights[`bias${l}`] as Tensor1D }
      sequence = lstm.forward(sequence, layer).output
    }
    const h = sequence.slice([steps - 1, 0, 0], [1, -1, -1]).reshape([rows, cells])
    return tf.add(tf.matMul(h, weights['head'] as Tensor2D), weights['headBias']!).dataSync()
  })
  const states = Array.from({ length: rows }, () => new Float32Array(stepper.stateSize))
  const inputs = new Float32Array(rows * stepper.inputSize)
  const out = new Float64Array(rows * stepper.headSize)
  for (let t = 0; t < steps; t++) {
    for (let r = 0; r < rows; r++) {
      const from = (t * rows + r) * plain
      inputs.set(sequenceOf.subarray(from, from + plain), r * stepper.inputSize)
      stepper.writeEmbeddings([categories[r]!], inputs, r * stepper.inputSize + plain)
    }
    stepper.step(rows, inputs, states, out)
  }
  out.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5)
  })
})

it('stays finite for inputs far out', () => {
  const model = untrainedModel(smallConfig())
  const stepper = new StepNetwork(model)
  const states = [new Float32Array(stepper.stateSize)]
  const out = new Float64Array(stepper.headSize)
  for (const value of [1e30, -1e30, 0]) {
    stepper.step(1, new Float32Array(stepper.inputSize).fill(value), states, out)
    expect(out.every((one) => Number.isFinite(one))).toBe(true)
  }
})
