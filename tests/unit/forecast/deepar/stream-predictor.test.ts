import { describe, expect, it } from 'vitest'
import { PathSampler } from '../../../../src/forecast/deepar/path-sampler.ts'
import { prepareSeries } from '../../../../src/forecast/deepar/prepared-series.ts'
import { StreamPredictor } from '../../../../src/forecast/deepar/stream-predictor.ts'
import { sortedQuantile } from '../../../../src/forecast/quantiles.ts'
import { smallConfig, untrainedModel } from '../../../support/deepar-models.ts'
import { dailySeries } from '../../../support/metric-series.ts'

const HOUR = 3_600_000
const model = untrainedModel(smallConfig(), 6)
const predictor = new StreamPredictor(model)

describe('StreamPredictor', () => {
  it('states in closed form what the sampler draws for the first step', () => {
    const [one] = dailySeries(1, 160, 3)
    const state = predictor.newState()
    predictor.recall(state, one!.startMs, one!.target.subarray(0, 159))
    const [closed] = predictor.advance([
      { state, timestampMs: one!.startMs + 159 * HOUR, value: one!.target[159]!, observed: true },
    ])
    const sampler = new PathSampler(model)
    const prepared = prepareSeries(one!, model.config, 24)
    const [paths] = sampler.sample([{ series: prepared, split: 160 }], { samples: 8000, horizon: 1, seed: 1 })
    const sorted = paths!.slice().sort()
    for (const level of [0.1, 0.5, 0.9]) {
      const reach = closed!.quantile(0.9) - closed!.quantile(0.1)
      expect(Math.abs(sortedQuantile(sorted, level) - closed!.quantile(level))).toBeLessThan(0.05 * reach)
    }
  })

  it('says how much a series was learned from', () => {
    const state = predictor.newState()
    const advance = (t: number) => predictor.advance([{ state, timestampMs: t * HOUR, value: t % 24, observed: true }])
    advance(0)
    expect(predictor.trainingState(state)).toBe('TRAINED_INSUFFICIENT_DATA')
    for (let t = 1; t < 60; t++) advance(t)
    expect(predictor.trainingState(state)).toBe('TRAINED')
  })

  it('gives finite bands for idle, missing and wild values', () => {
    const state = predictor.newState()
    const values = [...Array(40).fill(0), 1e9, Number.NaN, Number.NaN, -5, ...Array(60).fill(0)]
    values.forEach((value: number, t) => {
      const [found] = predictor.advance([{ state, timestampMs: t * HOUR, value, observed: Number.isFinite(value) }])
      const prediction = found!.prediction(predictor.trainingState(state))
      expect(Number.isFinite(prediction.expected)).toBe(true)
      expect(prediction.deviation).toBeGreaterThan(0)
      expect(found!.tailProbability(found!.mean)).toBeCloseTo(1, 6)
      expect(found!.tailProbability(1e12)).toBeLessThan(0.5)
    })
  })

  it('keeps a value that is not to be learned from out of its input', () => {
    const run = (incident: number, observed: boolean) => {
      const state = predictor.newState()
      let last = Number.NaN
      for (let t = 0; t < 60; t++) {
        const value = t === 58 ? incident : 10 + (t % 24)
        const [found] = predictor.advance([
          { state, timestampMs: t * HOUR, value: t === 58 && !observed ? 20 : value, observed: t !== 58 || observed },
        ])
        last = found!.mean
      }
      return last
    }
    expect(run(5000, false)).toBe(run(-5000, false))
    expect(run(5000, true)).not.toBe(run(-5000, true))
  })
})
