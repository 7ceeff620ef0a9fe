import { describe, expect, it } from 'vitest'
import { FusedLstm } from '../../../src/forecast/deepar/fused-lstm.ts'
import { GATE_CELLS } from '../../../src/forecast/deepar/gates-code.ts'
import { BLOCK_COLUMNS, BLOCK_ROWS } from '../../../src/forecast/deepar/kernel-code.ts'
import { KernelPlan, packWeights, spreadGates } from '../../../src/forecast/deepar/lstm-kernel.ts'
import type { Tensor3D } from '../../../src/forecast/deepar/tf.ts'
import { studentT } from '../../../src/forecast/distribution/student-t.ts'
import { deepArVectors } from '../../support/deepar-vectors.ts'
import { tensorflow } from '../../support/tensorflow.ts'
import { fromTorch } from '../../support/torch-lstm.ts'

const tf = tensorflow()
const vectors = deepArVectors()

/** Two layers of fused LSTM with torch's weights over [batch][steps][inputs]; gives [batch][steps][cells]. */
function twoLayers(x: number[][][], weight: (name: string) => number[][] & number[]): number[][][] {
  const lstm = new FusedLstm(tf)
  const found = tf.tidy(() => {
    let sequence = tf.transpose(tf.tensor3d(x), [1, 0, 2]) as Tensor3D
    for (const layer of [0, 1]) {
      const { kernel, bias } = fromTorch(
        weight(`weight_ih_l${layer}`),
        weight(`weight_hh_l${layer}`),
        weight(`bias_ih_l${layer}`),
        weight(`bias_hh_l${layer}`),
      )
      sequence = lstm.forward(sequence, { kernel: tf.tensor2d(kernel), bias: tf.tensor1d(bias) }).output
    }
    return tf.transpose(sequence, [1, 0, 2]).arraySync() as number[][][]
  })
  lstm.dispose()
  return found
}

function expectClose(found: number[][][], expected: number[][][]): void {
  expected.forEach((rows, i) => {
    rows.forEach((row, j) => {
      row.forEach((value, k) => {
        expect(found[i]![j]![k]).toBeCloseTo(value, 5)
      })
    })
  })
}

describe('the fused LSTM against torch', () => {
  it('two layers over a sequence', () => {
    const { params, x, out } = vectors.lstm_2layer
    expectClose(
      twoLayers(x, (name) => params[name]!),
      out,
    )
  })
})

describe("the stream's kernel against torch", () => {
  it('a single cell', () => {
    const { weight_ih, weight_hh, bias_ih, bias_hh, x, h0, c0, h1, c1 } = vectors.lstm_cell
    const { kernel, bias } = fromTorch(weight_ih, weight_hh, bias_ih, bias_hh)
    const [cells, inputs] = [c0[0]!.length, x[0]!.length + h0[0]!.length]
    const plan = new KernelPlan()
    const [rows, weights, biases, gates] = [BLOCK_ROWS * inputs, 4 * inputs * cells, 4 * cells, 4 * BLOCK_ROWS * cells]
    const at = { x: plan.take(rows), w: plan.take(weights), b: plan.take(biases), g: plan.take(gates) }
    const state = { c: plan.take(cells), h: plan.take(cells) }
    const { memory, ...lstm } = plan.kernel
    const spread = new Float32Array(weights)
    spreadGates(Float32Array.from(kernel.flat()), { from: 0, to: 0, count: inputs }, cells, cells, spread)
    packWeights(spread, inputs, 4 * cells, memory.subarray(at.w))
    spreadGates(Float32Array.from(bias), { from: 0, to: 0, count: 1 }, cells, cells, memory.subarray(at.b))
    x.forEach((row, r) => {
      memory.set([...row, ...h0[r]!], at.x + r * inputs)
    })
    const blocks = (4 * cells) / BLOCK_COLUMNS
    lstm.product(4 * at.x, 4 * inputs, 4 * at.w, 4 * at.b, 0, 4 * at.g, 16 * cells, inputs, blocks, 1)
    const found = x.map((_, r) => {
      memory.set(c0[r]!, state.c)
      lstm.gates(4 * (at.g + 4 * r * cells), 4 * state.c, 4 * state.h, 4 * cells, cells / GATE_CELLS, 1)
      return [state.h, state.c].map((from) => [...memory.subarray(from, from + cells)])
    })
    expectClose(
      found,
      x.map((_, r) => [h1[r]!, c1[r]!]),
    )
  })
})

describe('a whole small DeepAR against GluonTS', () => {
  const tiny = vectors.tiny_deepar
  const { weights, params, loss_per_item } = tiny.student_t
  const hidden = twoLayers(tiny.rnn_input, (part) => weights[`rnn.${part}`]!)

  it("gives torch's LSTM outputs for torch's inputs", () => {
    expectClose(hidden, tiny.rnn_output)
  })

  it("gives GluonTS' distribution and likelihood for every item", () => {
    // Theirs is (df, location, scale); ours begins with the location.
    const order = [1, 0, 2]
    const project = (h: number[], k: number) => {
      const row = weights[`param_proj.proj.${k}.weight`]![0]!
      return row.reduce(
        (sum: number, w: number, i: number) => sum + w * h[i]!,
        weights[`param_proj.proj.${k}.bias`]![0]!,
      )
    }
    hidden.forEach((steps, item) => {
      const affine = { location: 0, scale: tiny.scale[item]![0]! }
      const targets = targetsOf(item)
      const logs = steps.map((h, t) => {
        const raw = Float64Array.from(order, (k) => project(h, k))
        expect(raw[0]).toBeCloseTo(params[1]![item]![t]!, 5)
        return targets[t]!.weight * studentT.logLikelihood(raw, 0, targets[t]!.y, affine)
      })
      const loss = -logs.reduce((sum, log) => sum + log, 0) / logs.length
      expect(loss).toBeCloseTo(loss_per_item[item]!, 4)
    })
  })

  /** What the six steps predict: the last three values of the context, then the horizon. */
  function targetsOf(item: number): { y: number; weight: number }[] {
    const { past_target, past_observed_values, future_target, future_observed_values } = tiny.input
    const context = past_target!
      [item]!.slice(-3)
      .map((y, i) => ({ y, weight: past_observed_values![item]!.slice(-3)[i]! }))
    const future = future_target![item]!.map((y, i) => ({ y, weight: future_observed_values![item]![i]! }))
    return [...context, ...future]
  }
})
