import { describe, expect, it } from 'vitest'
import { prepareSeries } from '../../../../src/forecast/deepar/prepared-series.ts'
import { Trainer } from '../../../../src/forecast/deepar/trainer.ts'
import { parseFrequency } from '../../../../src/forecast/frequency.ts'
import { smallConfig } from '../../../support/deepar-models.ts'
import { dailySeries } from '../../../support/metric-series.ts'
import { tensorflow } from '../../../support/tensorflow.ts'

const tf = tensorflow()
const config = smallConfig()
const series = dailySeries(4, 200).map((one) => prepareSeries(one, config, 24))
const options = { steps: 60, batchSize: 8, learningRate: 5e-3, warmUp: 5, averaging: 0.9, seed: 3 }

function train(seed: number) {
  const trainer = new Trainer(tf, config, parseFrequency('h'), series, { ...options, seed })
  const losses: number[] = []
  const tensors: number[] = []
  while (!trainer.done) {
    losses.push(trainer.step().loss)
    tensors.push(tf.memory().numTensors)
  }
  const weights = trainer.averaged()
  trainer.dispose()
  return { losses, tensors, weights }
}

describe('Trainer', () => {
  const first = train(3)

  it('learns', () => {
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(first.losses.slice(-10))).toBeLessThan(mean(first.losses.slice(0, 10)) - 0.3)
  })

  it('gives the same losses and weights, bit for bit, for the same seed, and others for another', () => {
    const again = train(3)
    expect(again.losses).toEqual(first.losses)
    expect(again.weights).toEqual(first.weights)
    expect(train(4).losses).not.toEqual(first.losses)
  })

  it('holds as many tensors after the last step as after the first', () => {
    expect(new Set(first.tensors).size).toBe(1)
  })
})
