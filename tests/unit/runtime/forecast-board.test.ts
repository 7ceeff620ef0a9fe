import { expect, it } from 'vitest'
import { ForecastBoard } from '../../../src/runtime/forecast-board.ts'
import { seriesIdOf } from '../../../src/runtime/series-board.ts'

const forecast = (input: string, startMs: number) => {
  return { input, startMs, modelVersion: 1, periodMs: 60_000, mean: [1], quantiles: [] }
}

it('shows the newest forecast of each input, of as many series as there is room for', () => {
  const board = new ForecastBoard(2)
  board.show('p', 'a', forecast('x', 1))
  board.show('p', 'a', forecast('y', 1))
  board.show('p', 'b', forecast('x', 1))
  board.show('p', 'a', forecast('x', 2))
  board.show('p', 'c', forecast('x', 3))
  const shown = (key: string) => board.forecasts(seriesIdOf('p', key)).map(({ input, startMs }) => `${input}${startMs}`)
  expect(shown('a')).toEqual(['y1', 'x2'])
  expect(shown('b')).toEqual([])
  expect(shown('c')).toEqual(['x3'])
})
