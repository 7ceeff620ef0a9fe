import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../../../../src/forecast/deepar/defaults.ts'
import { parseFrequency } from '../../../../src/forecast/frequency.ts'
import { dailySeries } from '../../../support/metric-series.ts'

const make = (frequency: string, horizon: number, length: number, overrides = {}) =>
  defaultConfig(parseFrequency(frequency), horizon, dailySeries(1, length), [], overrides)

describe('defaultConfig', () => {
  it('copies the value before and those of the seasons that the history holds twice', () => {
    const { lags, copied } = make('h', 48, 700)
    expect(lags.slice(0, copied)).toEqual([1, 24, 168])
    expect(make('h', 48, 100).copied).toBe(2)
    expect(make('h', 12, 30).copied).toBe(1)
  })

  it('takes calendar features only where the span holds two of their cycles', () => {
    expect(make('h', 48, 700).features).toEqual(['hour_of_day', 'day_of_week'])
    expect(make('5min', 48, 700).features).toEqual(['minute_of_hour', 'hour_of_day'])
  })

  it('scales counts without moving them and ratios not at all', () => {
    expect(make('h', 12, 300, { likelihood: 'negative-binomial' })).toMatchObject({ scaling: 'mean-abs', copied: 0 })
    expect(make('h', 12, 300, { likelihood: 'beta' })).toMatchObject({ scaling: 'none', copied: 0 })
  })

  it('trains no longer decoder than is of use', () => {
    expect(make('h', 400, 3000).horizon).toBe(96)
  })

  it('refuses a horizon of nothing', () => {
    expect(() => make('h', 0, 300)).toThrow(/horizon/)
  })
})
