import { expect, it } from 'vitest'
import { historyOf, rollingWindows } from '../../../src/forecast/rolling-windows.ts'

const record = (itemId: string, length: number) => ({
  itemId,
  start: '2024-01-01',
  startMs: 0,
  target: Float64Array.from({ length }, (_, i) => i),
  categories: [],
  dynamic: [],
})

it('cuts consecutive windows that end with the series, oldest first', () => {
  const { windows, tooShort } = rollingWindows([record('a', 10), record('b', 6)], 3, 2)
  expect(windows.map(({ series, split }) => [series.itemId, split])).toEqual([
    ['a', 4],
    ['a', 7],
  ])
  expect(tooShort).toEqual(['b'])
  expect([...historyOf(windows[0]!).target]).toEqual([0, 1, 2, 3])
})
