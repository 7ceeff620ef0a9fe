import { expect, it } from 'vitest'
import { DEFAULT_LEVELS, measureAccuracy } from '../../../src/forecast/accuracy.ts'
import { deepArVectors } from '../../support/deepar-vectors.ts'

it("scores windows as GluonTS' Evaluator does", () => {
  const { series, forecasts, expected } = deepArVectors().metrics
  const windows = forecasts.map(({ item_id, start_index, quantiles, mean }) => {
    const values = Float64Array.from(series.items[item_id]!, (value) => value ?? Number.NaN)
    return {
      itemId: item_id,
      forecast: {
        levels: DEFAULT_LEVELS,
        quantiles: DEFAULT_LEVELS.map((level) => Float64Array.from(quantiles[String(level)]!)),
        mean: Float64Array.from(mean),
      },
      truth: values.slice(start_index, start_index + mean.length),
      history: values.slice(0, start_index),
    }
  })
  const found = measureAccuracy(windows, 24)
  expect(found.meanWql).toBeCloseTo(expected['mean_wQuantileLoss']!, 10)
  expect(found.nd).toBeCloseTo(expected['ND']!, 10)
  expect(found.rmse).toBeCloseTo(expected['RMSE']!, 6)
  expect(found.nrmse).toBeCloseTo(expected['NRMSE']!, 10)
  expect(found.mase).toBeCloseTo(expected['MASE']!, 10)
  expect(found.smape).toBeCloseTo(expected['sMAPE']!, 10)
  DEFAULT_LEVELS.forEach((level, i) => {
    expect(found.wql[i]).toBeCloseTo(expected[`wQuantileLoss[${level}]`]!, 10)
    expect(found.coverage[i]).toBeCloseTo(expected[`Coverage[${level}]`]!, 10)
  })
})
