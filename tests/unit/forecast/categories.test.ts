import { expect, it } from 'vitest'
import { categoryTexts, indexCategories } from '../../../src/forecast/categories.ts'
import type { SeriesRecord } from '../../../src/forecast/series-lines.ts'

const record = (itemId: string, categories: string[]): SeriesRecord => ({
  itemId,
  start: '2024-01-01',
  startMs: 0,
  target: Float64Array.of(1),
  categories,
  dynamic: [],
})

it('gives each text an index in the order of appearance', () => {
  const records = [record('a', ['eu', 'x']), record('b', ['us', 'x']), record('c', ['eu', 'y'])]
  const texts = categoryTexts(records)
  expect(texts).toEqual([
    ['eu', 'us'],
    ['x', 'y'],
  ])
  expect(indexCategories(records, texts, 'f').map((one) => one.categories)).toEqual([
    [0, 0],
    [1, 0],
    [0, 1],
  ])
})

it('names a category that the model does not know, and a wrong number of them', () => {
  expect(() => indexCategories([record('a', ['mars'])], [['eu']], 'f')).toThrow(/'mars' was not in the training data/)
  expect(() => indexCategories([record('a', [])], [['eu']], 'f')).toThrow(/0 categories, the model has 1/)
})
