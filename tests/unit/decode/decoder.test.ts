import { describe, expect, it } from 'vitest'
import { found } from '../../../src/decode/decoder.ts'

describe('found', () => {
  it.each([
    ['a', '"a"'],
    [7, '7'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[1, 2], 'an array of 2'],
    [{ a: 1 }, 'an object with 1 keys'],
  ])('shows %j', (value, shown) => {
    expect(found(value)).toBe(shown)
  })

  it('shows no more than a line', () => {
    expect(found('\n'.repeat(1_000_000)).length).toBeLessThanOrEqual(80)
  })
})
