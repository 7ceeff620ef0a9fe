import { describe, expect, it } from 'vitest'
import { TidegaugeError } from '../../../src/core/errors.ts'
import { parseFrequency } from '../../../src/forecast/frequency.ts'
import { parseStart, readSeriesLines } from '../../../src/forecast/series-lines.ts'

const hourly = parseFrequency('h')
const read = (...lines: unknown[]) =>
  readSeriesLines(
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
    'a.jsonl',
    hourly,
  )
const START = '2024-01-01 00:00:00'

function errorOf(run: () => unknown): TidegaugeError {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof TidegaugeError) return thrown
  }
  throw new Error('nothing was thrown')
}

describe('readSeriesLines', () => {
  it("reads SageMaker's fields, missing values as null or NaN", () => {
    const [one] = read({ start: START, target: [1, null, 'NaN', 4], cat: [0, 2], dynamic_feat: [[1, 2, 3, 4, 5]] })
    expect([...one!.target]).toEqual([1, Number.NaN, Number.NaN, 4])
    expect(one!.categories).toEqual(['0', '2'])
    expect(one!.dynamic[0]).toHaveLength(5)
    expect(one!.itemId).toBe('0')
    expect(one!.startMs).toBe(Date.UTC(2024, 0, 1))
  })

  it("reads GluonTS' names and texts as categories", () => {
    const [one] = read({ item_id: 'web', start: START, target: [1], feat_static_cat: ['eu'], freq: '60min' })
    expect(one!.itemId).toBe('web')
    expect(one!.categories).toEqual(['eu'])
  })

  it.each([
    ['{"start": "2024', 'a.jsonl:2', /no JSON/],
    [[1, 2], 'a.jsonl:2', /no object/],
    [{ start: 'yesterday', target: [1] }, 'a.jsonl:2: start', /no time/],
    [{ target: [1] }, 'a.jsonl:2: start', /no time/],
    [{ start: START, target: 'x' }, 'a.jsonl:2: target', /no array/],
    [{ start: START, target: [1, 'x'] }, 'a.jsonl:2: target[1]', /no finite number/],
    ['{"start": "2024-01-01", "target": [1, 1e999]}', 'a.jsonl:2: target[1]', /no finite number/],
    [{ start: START, target: [1], cat: [-1] }, 'a.jsonl:2: cat[0]', /no category/],
    [{ start: START, target: [1, 2], dynamic_feat: [[1]] }, 'a.jsonl:2: dynamic_feat[0]', /1 values for a target of 2/],
    [{ start: START, target: [1], dynamic_feat: [[null]] }, 'a.jsonl:2: dynamic_feat[0][0]', /no finite number/],
    [{ start: START, target: [1], freq: '5min' }, 'a.jsonl:2: freq', /says 5min, not h/],
    [{ item_id: 'a', start: START, target: [1] }, 'a.jsonl:2: item_id', /on line 1 already/],
    [{ item_id: 'b', start: START, target: [1], cat: [1] }, 'a.jsonl:2: cat', /1 categories, 0 in the first/],
  ])('names file, line and field of %j', (line, where, message) => {
    const error = errorOf(() => read({ item_id: 'a', start: START, target: [1] }, line))
    expect(error.code).toBe('INPUT_INVALID')
    expect(error.where).toBe(where)
    expect(error.message).toMatch(message)
    expect(error.hint).toBeDefined()
  })

  it('refuses a file without a series', () => {
    expect(errorOf(() => read('', '')).message).toMatch(/no series/)
  })
})

it.each([
  ['2024-01-01', Date.UTC(2024, 0, 1)],
  ['2024-01-01T05:06', Date.UTC(2024, 0, 1, 5, 6)],
  ['2024-01-01 05:06:07.5', Date.UTC(2024, 0, 1, 5, 6, 7)],
  ['2024-01-01T00:00:00+02:00', Date.UTC(2023, 11, 31, 22)],
  ['2024-01-01T00:00:00+0200', Date.UTC(2023, 11, 31, 22)],
  ['1750-01-01 00:00:00', Date.UTC(1750, 0, 1)],
  ['2024-13-01', undefined],
  ['now', undefined],
])('reads the time %s', (text, expected) => {
  expect(parseStart(text)).toBe(expected)
})
