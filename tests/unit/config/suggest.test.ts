import { describe, expect, it } from 'vitest'
import { nearest, suggestion } from '../../../src/config/suggest.ts'

const KEYS = ['length', 'statistic', 'lateness', 'missing', 'counters']

describe('nearest', () => {
  it.each([
    ['lenght', 'length'],
    ['statistc', 'statistic'],
    ['LATENESS', 'lateness'],
    ['counter', 'counters'],
  ])('%s is meant to be %s', (word, meant) => {
    expect(nearest(word, KEYS)).toBe(meant)
  })

  it.each(['timezone', '', 'x'.repeat(10_000)])('finds nothing near %s', (word) => {
    expect(nearest(word, KEYS)).toBeUndefined()
  })
})

describe('suggestion', () => {
  it('names the near one, else all, else that there is none', () => {
    expect(suggestion('lenght', KEYS)).toBe('did you mean "length"?')
    expect(suggestion('timezone', KEYS)).toBe('known: length, statistic, lateness, missing, counters')
    expect(suggestion('ops', [])).toBe('there is none to choose from')
  })

  it('does not list hundreds', () => {
    const many = Array.from({ length: 300 }, (_, i) => `name-number-${i}`)
    expect(suggestion('x', many)).toMatch(/name-number-23, …$/)
  })
})
