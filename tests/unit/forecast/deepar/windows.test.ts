import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { InputWriter } from '../../../../src/forecast/deepar/inputs.ts'
import { fillMissing, prepareSeries } from '../../../../src/forecast/deepar/prepared-series.ts'
import { fillBatch, makeBatch, WindowSampler } from '../../../../src/forecast/deepar/windows.ts'
import { parseFrequency } from '../../../../src/forecast/frequency.ts'
import { smallConfig } from '../../../support/deepar-models.ts'
import { series } from '../../../support/metric-series.ts'

const config = smallConfig()
const writer = new InputWriter(config, parseFrequency('h'))
const counting = prepareSeries(
  series(
    'count',
    Array.from({ length: 100 }, (_, i) => i),
  ),
  config,
  24,
)

describe('fillBatch', () => {
  it('lays lags before each predicted value, and nothing of the future', () => {
    const batch = makeBatch(config, 1, writer.layout.size)
    const split = 60
    fillBatch(batch, [{ series: counting, split }], config, writer)
    const { location, scale } = batch.affines[0]!
    for (let t = 0; t < batch.steps; t++) {
      const index = split - config.context + 1 + t
      expect(batch.targets[t]).toBe(index)
      config.lags.forEach((lag, k) => {
        const expected = index - lag >= 0 ? (index - lag - location) / scale : 0
        expect(batch.inputs[t * writer.layout.size + k]).toBeCloseTo(expected, 4)
      })
    }
    expect(location).toBeLessThan(split)
  })

  it('pads a window that begins before its series', () => {
    const batch = makeBatch(config, 1, writer.layout.size)
    fillBatch(batch, [{ series: counting, split: 1 }], config, writer)
    expect([...batch.weights].filter((weight) => weight === 1)).toHaveLength(config.horizon + 1)
    expect(batch.inputs.every((value) => Number.isFinite(value))).toBe(true)
  })
})

describe('WindowSampler', () => {
  it('gives each series the same weight, whatever its length', () => {
    const short = prepareSeries(series('short', Array(20).fill(1)), config, 24)
    const windows = new WindowSampler([counting, short], config.horizon, new Rng(1)).draw(2000)
    const share = windows.filter((window) => window.series === short).length / 2000
    expect(share).toBeCloseTo(0.5, 1)
    for (const { series: one, split } of windows) {
      expect(split).toBeGreaterThanOrEqual(1)
      expect(split).toBeLessThanOrEqual(one.length - config.horizon)
    }
  })

  it('draws from no series without a value, and from none that is too short', () => {
    const empty = prepareSeries(series('empty', Array(50).fill(Number.NaN)), config, 24)
    const brief = prepareSeries(series('brief', [1, 2]), config, 24)
    expect(new WindowSampler([empty, brief], config.horizon, new Rng(1)).size).toBe(0)
  })
})

describe('fillMissing', () => {
  it('takes the value a season before, else the last one, else the first', () => {
    const { NaN: none } = Number
    const { filled, observed } = fillMissing(Float64Array.of(none, 5, none, none, 8, none), 3)
    expect([...filled]).toEqual([5, 5, 5, 5, 8, 5])
    expect([...observed]).toEqual([0, 1, 0, 0, 1, 0])
  })

  it('gives zeros where nothing was seen', () => {
    expect([...fillMissing(Float64Array.of(Number.NaN, Number.NaN), 1).filled]).toEqual([0, 0])
  })
})
