import { expect, test } from 'vitest'
import { RangeRule } from '../../../src/band/range-rule.ts'

const TOLERANCE = 0.1

function taught(): RangeRule {
  const rule = new RangeRule()
  for (let i = 0; i < 100; i++) rule.step(i % 11, 0.5, TOLERANCE)
  return rule
}

test('inside the range, and a little outside, is no departure', () => {
  expect(taught().step(10, 0, TOLERANCE).value).toBe(0)
  expect(taught().step(10.9, 0, TOLERANCE).value).toBe(0)
})

test('further out is one, as a share of the range, at most 1', () => {
  expect(taught().step(15, 0, TOLERANCE).value).toBeCloseTo(0.5, 9)
  expect(taught().step(-5, 0, TOLERANCE).value).toBeCloseTo(0.5, 9)
  expect(taught().step(1e9, 0, TOLERANCE).value).toBe(1)
})

test('a residual is a record when it is the largest by a margin', () => {
  const rule = taught()
  expect(rule.step(5, 3.5, TOLERANCE).residualRecord).toBe(false)
  expect(rule.step(5, 6, TOLERANCE).residualRecord).toBe(true)
  expect(rule.step(5, 6.5, TOLERANCE).residualRecord).toBe(false)
})

test('after a constant series any other value departs', () => {
  const rule = new RangeRule()
  for (let i = 0; i < 100; i++) expect(rule.step(7, 0, TOLERANCE).value).toBe(0)
  expect(rule.step(7.1, 0, TOLERANCE).value).toBe(1)
})
