import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { InputWriter } from '../../../../src/forecast/deepar/inputs.ts'
import { Network } from '../../../../src/forecast/deepar/network.ts'
import { initialParameters, parameterSlots } from '../../../../src/forecast/deepar/parameters.ts'
import { prepareSeries } from '../../../../src/forecast/deepar/prepared-series.ts'
import { fillBatch, makeBatch, WindowSampler } from '../../../../src/forecast/deepar/windows.ts'
import type { LikelihoodName } from '../../../../src/forecast/distribution/likelihood.ts'
import { parseFrequency } from '../../../../src/forecast/frequency.ts'
import { smallConfig } from '../../../support/deepar-models.ts'
import { dailySeries } from '../../../support/metric-series.ts'
import { tensorflow } from '../../../support/tensorflow.ts'

const tf = tensorflow()

function setUp(likelihood: LikelihoodName) {
  const config = smallConfig({ likelihood, dropout: 0 }, [3])
  const count = likelihood === 'negative-binomial'
  const series = dailySeries(3, 200).map((one, i) =>
    prepareSeries(
      {
        ...one,
        categories: [i],
        target: count ? one.target.map(Math.round) : one.target.map((v) => v / (likelihood === 'beta' ? 100 : 1)),
      },
      config,
      24,
    ),
  )
  const writer = new InputWriter(config, parseFrequency('h'))
  const batch = makeBatch(config, 6, writer.layout.size)
  fillBatch(batch, new WindowSampler(series, config.horizon, new Rng(1)).draw(6), config, writer)
  return { config, batch, network: new Network(tf, config), weights: initialParameters(config, new Rng(2)) }
}

describe.each(['student-t', 'gaussian', 'negative-binomial', 'beta'] as const)(
  'the gradient under %s',
  (likelihood) => {
    const { config, batch, network, weights } = setUp(likelihood)
    const lossAt = (flat: Float32Array, gradient = new Float32Array(flat.length)) => {
      const tensors = network.load(flat)
      const loss = network.lossAndGradient(tensors, batch, undefined, gradient)
      tf.dispose(tensors)
      return loss
    }

    it('is the slope of the loss along random directions of every weight', () => {
      const gradient = new Float32Array(weights.length)
      lossAt(weights, gradient)
      const rng = new Rng(3)
      for (const slot of parameterSlots(config)) {
        const direction = new Float32Array(weights.length)
        for (let i = slot.offset; i < slot.offset + slot.size; i++) direction[i] = rng.normal()
        const length = Math.hypot(...direction.subarray(slot.offset, slot.offset + slot.size))
        const step = 0.02 / length
        const moved = (by: number) => weights.map((weight, i) => weight + by * direction[i]!)
        const slope = (lossAt(moved(step)) - lossAt(moved(-step))) / (2 * step)
        const expected = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0)
        expect(Math.abs(slope - expected)).toBeLessThan(0.02 * Math.abs(expected) + 2e-3 * length)
      }
    })
  },
)

it('leaves no tensor behind', () => {
  const { batch, network, weights } = setUp('student-t')
  const gradient = new Float32Array(weights.length)
  const run = () => {
    const tensors = network.load(weights)
    network.lossAndGradient(tensors, batch, new Rng(1), gradient)
    tf.dispose(tensors)
    return tf.memory().numTensors
  }
  const first = run()
  for (let i = 0; i < 20; i++) run()
  expect(tf.memory().numTensors).toBe(first)
})
