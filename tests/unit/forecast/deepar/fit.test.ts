import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { DEFAULT_LEVELS, measureAccuracy } from '../../../../src/forecast/accuracy.ts'
import { type FitOptions, type Fitted, fitModel, heldBackWindows } from '../../../../src/forecast/deepar/fit.ts'
import { Forecaster } from '../../../../src/forecast/deepar/forecast.ts'
import type { SeriesInput } from '../../../../src/forecast/deepar/prepared-series.ts'
import { parseFrequency } from '../../../../src/forecast/frequency.ts'
import { dailySeries, series } from '../../../support/metric-series.ts'
import { tensorflow } from '../../../support/tensorflow.ts'

const tf = tensorflow()
const HORIZON = 12
const OPTIONS: FitOptions = {
  frequency: parseFrequency('h'),
  horizon: HORIZON,
  steps: 150,
  batchSize: 8,
  cells: 12,
  context: 24,
  samples: 50,
}

function run(data: readonly SeriesInput[], options: FitOptions = OPTIONS): { fitted: Fitted; losses: number[] } {
  const generator = fitModel(tf, data, options)
  const losses: number[] = []
  for (;;) {
    const next = generator.next()
    if (next.done === true) return { fitted: next.value, losses }
    losses.push(next.value.loss)
  }
}

function forecast({ model }: Fitted, data: readonly SeriesInput[]) {
  const forecaster = new Forecaster(model)
  const found = forecaster.forecast(data, { horizon: HORIZON, samples: 50, seed: 1, levels: DEFAULT_LEVELS })
  return found.map((one) => one.forecast)
}

describe('on metrics with the shape of a day', () => {
  const all = dailySeries(6, 260, 2)
  const known = all.map((one) => ({ ...one, target: one.target.slice(0, -HORIZON) }))
  const { fitted, losses } = run(known)

  it('forecasts the next hours to within a few of a hundred', () => {
    const windows = forecast(fitted, known).map((one, i) => ({
      itemId: all[i]!.itemId,
      forecast: one,
      truth: all[i]!.target.slice(-HORIZON),
      history: known[i]!.target,
    }))
    const accuracy = measureAccuracy(windows, 24)
    expect(accuracy.nd).toBeLessThan(0.08)
    expect(accuracy.coverage[0]).toBeLessThan(0.4)
    expect(accuracy.coverage.at(-1)).toBeGreaterThan(0.6)
  })

  it('writes down how it did beside seasonal naive', () => {
    const { record } = fitted.model
    expect(record.heldBackWindows).toBe(6 * heldBackWindows(248, HORIZON))
    expect(record.macroWql).toBeGreaterThan(0)
    expect(record.macroWqlSeasonalNaive).toBeGreaterThan(0)
    expect(losses).toHaveLength(150)
  })

  it('goes on from a model without forgetting it', () => {
    const { fitted: warm } = run(known, { ...OPTIONS, steps: 20, warmStart: fitted.model })
    expect(warm.model.record.macroWql).toBeLessThan(1.5 * fitted.model.record.macroWql)
  })
})

describe('on idle, gappy and broken series', () => {
  const rng = new Rng(11)
  const length = 200
  const wave = Array.from({ length }, (_, t) => 10 + 3 * Math.sin(t / 4) + 0.3 * rng.normal())
  const data = [
    series('zero', Array(length).fill(0)),
    series('constant', Array(length).fill(7.5)),
    series(
      'gappy',
      wave.map((value) => (rng.uniform() < 0.3 ? Number.NaN : value)),
    ),
    series(
      'spike',
      wave.map((value, t) => (t === 120 ? 1e9 : value)),
    ),
    series(
      'idle with a spike',
      Array.from({ length }, (_, t) => (t === 150 ? 1e9 : 0)),
    ),
    series(
      'gone',
      wave.map((value, t) => (t > 120 ? Number.NaN : value)),
    ),
    series('nothing', Array(length).fill(Number.NaN)),
    series(
      'tiny',
      wave.map((value) => value * 1e-12),
    ),
    series(
      'huge',
      wave.map((value) => value * 1e15),
    ),
  ]
  const { fitted, losses } = run(data)
  const forecasts = forecast(fitted, data)
  const of = (itemId: string) => forecasts[data.findIndex((one) => one.itemId === itemId)]!

  it('trains to the end with every loss finite', () => {
    expect(losses.every((loss) => Number.isFinite(loss))).toBe(true)
    expect(fitted.skippedBatches).toBe(0)
    expect(fitted.model.weights.every((weight) => Number.isFinite(weight))).toBe(true)
    expect(fitted.ignored).toEqual([{ itemId: 'nothing', reason: 'all_missing' }])
  })

  it('forecasts finite values in order, none below 0 where none was seen', () => {
    for (const { quantiles, mean } of forecasts) {
      for (const values of [...quantiles, mean])
        expect(values.every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
      for (let i = 1; i < quantiles.length; i++) {
        quantiles[i]!.forEach((value, h) => {
          expect(value).toBeGreaterThanOrEqual(quantiles[i - 1]![h]!)
        })
      }
    }
  })

  it('forecasts what is sane', () => {
    expect([...of('zero').quantiles[8]!]).toEqual(Array(HORIZON).fill(0))
    expect([...of('constant').quantiles[0]!]).toEqual(Array(HORIZON).fill(7.5))
    expect([...of('nothing').mean]).toEqual(Array(HORIZON).fill(0))
    for (const itemId of ['gappy', 'spike']) expect(Math.max(...of(itemId).quantiles[4]!)).toBeLessThan(40)
    expect(Math.max(...of('tiny').quantiles[8]!)).toBeLessThan(1e-10)
    expect(Math.max(...of('idle with a spike').quantiles[4]!)).toBeLessThan(1e8)
  })
})

it('counts, ratios and points have their likelihoods', () => {
  const counts = dailySeries(3, 150, 4).map((one) => ({ ...one, target: one.target.map(Math.round) }))
  const ratios = dailySeries(3, 150, 4).map((one, i) => ({
    ...one,
    target: one.target.map((value) => value / (30 * (i + 1))),
  }))
  for (const [likelihood, data] of [
    ['negative-binomial', counts],
    ['beta', ratios],
    ['gaussian', counts],
    ['deterministic-l1', counts],
  ] as const) {
    const { fitted } = run(data, { ...OPTIONS, likelihood, steps: 30 })
    const [one] = forecast(fitted, data)
    expect(one!.mean.every((value) => Number.isFinite(value))).toBe(true)
    if (likelihood === 'beta') expect(Math.max(...one!.quantiles[8]!)).toBeLessThanOrEqual(1.5)
  }
})

it('holds no tensor more after many forecasts than after the first', () => {
  const data = dailySeries(2, 150, 5)
  const { fitted } = run(data, { ...OPTIONS, steps: 10 })
  forecast(fitted, data)
  const first = tf.memory().numTensors
  for (let i = 0; i < 10; i++) forecast(fitted, data)
  expect(tf.memory().numTensors).toBe(first)
})

it('a covariate that ends before the horizon is named', () => {
  const data = dailySeries(2, 150, 5).map((one) => ({ ...one, dynamic: [new Float64Array(150)] }))
  const { fitted } = run(data, { ...OPTIONS, steps: 10 })
  expect(() => forecast(fitted, data)).toThrow(/ends after 150 values, 162 are needed/)
})
