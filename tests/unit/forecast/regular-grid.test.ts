import { expect, it } from 'vitest'
import { parseFrequency } from '../../../src/forecast/frequency.ts'
import { toGrid } from '../../../src/forecast/regular-grid.ts'

const MINUTE = 60_000
const grid = (minutes: number[], values: number[], frequency = '5min') =>
  toGrid(
    Float64Array.from(minutes, (m) => m * MINUTE),
    Float64Array.from(values),
    parseFrequency(frequency),
    'a.csv',
  )

it('puts jittered times on the grid and leaves gaps missing', () => {
  expect([...grid([0, 5.1, 9.9, 25], [1, 2, 3, 4]).target]).toEqual([1, 2, 3, Number.NaN, Number.NaN, 4])
})

it('keeps the last of two values of one step', () => {
  expect([...grid([0, 5, 5, 10], [1, 2, 9, 4]).target]).toEqual([1, 9, 4])
})

it('says when the times contradict the frequency or go back', () => {
  expect(() => grid([0, 5, 10, 15], [1, 2, 3, 4], 'h')).toThrow(/300 s apart, not 3600 s/)
  expect(() => grid([0, 10, 5], [1, 2, 3])).toThrow(/time goes back/)
  expect(() => grid([0], [1], 'M')).toThrow(/no fixed length/)
})

it('gives an empty series for an empty file', () => {
  expect(grid([], []).target).toHaveLength(0)
})
