import { expect, test } from 'vitest'
import type { ScoredInput } from '../../../src/band/scored-point.ts'
import { type SuppressionRules, suppressionOf } from '../../../src/band/suppression.ts'

function input(value: number, expected = 100): ScoredInput {
  return { name: 'm', value, observed: true, expected, lower: 90, upper: 110 }
}

function rules(change: Partial<SuppressionRules>): SuppressionRules {
  const none = { absolute: 0, relative: 0 }
  return { direction: 'both', ignore: { above: none, below: none }, ...change }
}

test('without rules nothing is let pass', () => {
  expect(suppressionOf([input(101)], rules({}))).toBeUndefined()
})

test('a direction lets the other one pass', () => {
  expect(suppressionOf([input(50)], rules({ direction: 'above' }))).toBe('suppressed_direction')
  expect(suppressionOf([input(150)], rules({ direction: 'above' }))).toBeUndefined()
  expect(suppressionOf([input(150)], rules({ direction: 'below' }))).toBe('suppressed_direction')
})

test('small departures pass, each side with its own tolerance', () => {
  const ignore = { above: { absolute: 5, relative: 0 }, below: { absolute: 0, relative: 0.2 } }
  expect(suppressionOf([input(105)], rules({ ignore }))).toBe('suppressed_small_absolute')
  expect(suppressionOf([input(105.1)], rules({ ignore }))).toBeUndefined()
  expect(suppressionOf([input(80)], rules({ ignore }))).toBe('suppressed_small_relative')
  expect(suppressionOf([input(79)], rules({ ignore }))).toBeUndefined()
})

test('one input that no rule lets pass is enough; inputs without a value do not count', () => {
  const ignore = { above: { absolute: 5, relative: 0 }, below: { absolute: 5, relative: 0 } }
  expect(suppressionOf([input(101), input(200)], rules({ ignore }))).toBeUndefined()
  expect(suppressionOf([input(Number.NaN), input(101)], rules({ ignore }))).toBe('suppressed_small_absolute')
  expect(suppressionOf([input(101, Number.NaN)], rules({ ignore }))).toBeUndefined()
})
