import { describe, expect, it } from 'vitest'
import { covers, joinRange } from '../../../src/forest/ranges.ts'

describe('ranges of periods', () => {
  it.each([
    [[], 3, 5, [3, 5]],
    [[0, 1, 8, 9], 3, 5, [0, 1, 3, 5, 8, 9]],
    [[0, 3, 8, 9], 3, 5, [0, 5, 8, 9]],
    [[0, 4, 5, 9], 3, 6, [0, 9]],
    [[1, 2, 4, 6], 0, 10, [0, 10]],
    [[1, 9], 3, 5, [1, 9]],
  ])('%j with [%d, %d) is %j', (ranges, first, end, joined) => {
    expect(joinRange(ranges, first, end)).toEqual(joined)
  })

  it('hold their first number and not their end', () => {
    expect([0, 1, 2, 3, 4, 5].map((value) => covers([1, 3, 4, 5], value))).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
    ])
  })
})
