import { expect, it } from 'vitest'
import { forecastLine } from '../../../src/forecast/forecast-lines.ts'
import { parseFrequency } from '../../../src/forecast/frequency.ts'

it('writes a window with its start, position, quantiles and mean', () => {
  const series = {
    itemId: 'a',
    start: '2024-01-01',
    startMs: Date.UTC(2024, 0, 1),
    target: new Float64Array(30),
    categories: [],
    dynamic: [],
  }
  const forecast = {
    levels: [0.1, 0.5],
    quantiles: [Float64Array.of(1 / 3), Float64Array.of(2)],
    mean: Float64Array.of(1.5),
  }
  expect(JSON.parse(forecastLine(series, 30, parseFrequency('h'), forecast))).toEqual({
    item_id: 'a',
    start: '2024-01-02 06:00:00',
    start_index: 30,
    quantiles: { '0.1': [0.3333333], '0.5': [2] },
    mean: [1.5],
  })
})
