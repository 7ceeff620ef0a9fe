import { describe, expect, it } from 'vitest'
import { fitModel } from '../../../../src/forecast/deepar/fit.ts'
import { Forecaster } from '../../../../src/forecast/deepar/forecast.ts'
import { prepareSeries, type SeriesInput } from '../../../../src/forecast/deepar/prepared-series.ts'
import { parseFrequency } from '../../../../src/forecast/frequency.ts'
import { smallConfig, untrainedModel } from '../../../support/deepar-models.ts'
import { dailySeries } from '../../../support/metric-series.ts'
import { tensorflow } from '../../../support/tensorflow.ts'

const HORIZON = 12
const OPTIONS = { horizon: HORIZON, samples: 60, seed: 1, levels: [0.1, 0.5, 0.9] }

/** Twice as high wherever the covariate says so, at times that nothing else gives away. */
function switched(length: number): SeriesInput[] {
  return dailySeries(4, length, 6).map((one, s) => {
    const on = Float64Array.from({ length: length + HORIZON }, (_, t) =>
      Math.sin(t * 12.9898 + s * 78.233) > 0.3 ? 1 : 0,
    )
    return { ...one, target: one.target.map((value, t) => value * (1 + (on[t] ?? 0))), dynamic: [on] }
  })
}

describe('Forecaster', () => {
  it('follows a covariate that is known over the horizon', () => {
    const data = switched(260)
    const options = {
      frequency: parseFrequency('h'),
      horizon: HORIZON,
      steps: 500,
      batchSize: 16,
      learningRate: 1e-2,
      cells: 12,
      context: 24,
    }
    const run = fitModel(tensorflow(), data, { ...options, samples: 30 })
    let step = run.next()
    while (step.done !== true) step = run.next()
    const forecaster = new Forecaster(step.value.model)
    const meanWith = (state: number) => {
      const known = data.map((one) => {
        const covariate = one.dynamic[0]!.slice()
        covariate.fill(state, one.target.length)
        return { ...one, dynamic: [covariate] }
      })
      return forecaster
        .forecast(known, OPTIONS)
        .map(({ forecast }) => forecast.mean.reduce((sum, value) => sum + value, 0))
    }
    const off = meanWith(0)
    meanWith(1).forEach((sum, i) => {
      expect(sum).toBeGreaterThan(1.1 * off[i]!)
    })
  })

  it('says which item lacks a covariate, or has one that ends before the horizon', () => {
    const model = untrainedModel({ ...smallConfig(), dynamicFeatures: 1 })
    const forecaster = new Forecaster(model)
    const [one] = dailySeries(1, 100)
    expect(() => forecaster.forecast([one!], OPTIONS)).toThrow('0 covariates, the model has 1')
    const short = { ...one!, dynamic: [new Float64Array(105)] }
    expect(() => forecaster.forecast([short], OPTIONS)).toThrow('ends after 105 values, 112 are needed')
  })

  it('forecasts a series the same whoever is beside it', () => {
    const model = untrainedModel(smallConfig(), 3)
    const forecaster = new Forecaster(model)
    const tasksOf = (some: readonly SeriesInput[]) =>
      some.map((one) => ({ series: prepareSeries(one, model.config, 24), split: one.target.length }))
    const all = dailySeries(70, 120)
    const together = forecaster.paths(tasksOf(all), OPTIONS)
    const alone = forecaster.paths(tasksOf([all[66]!]), OPTIONS)
    expect(alone[0]).toEqual(together[66])
  })
})
