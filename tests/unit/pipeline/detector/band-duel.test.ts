import { describe, expect, it } from 'vitest'
import { BandDuel } from '../../../../src/pipeline/detector/band-duel.ts'

function holdsAfter(points: number, ours: { expected: number; deviation: number }): boolean {
  const duel = new BandDuel()
  const prediction = { ...ours, degreesOfFreedom: Number.POSITIVE_INFINITY, state: 'TRAINED', model: 'deepar' } as const
  const baseline = { name: 'm', value: 100, observed: true, expected: 101, lower: 99, upper: 103 }
  for (let i = 0; i < points; i++) duel.observe(100, prediction, baseline, 2)
  return duel.holds
}

describe('BandDuel', () => {
  it('holds for the closer band, and for the narrower one of two that are as close', () => {
    expect(holdsAfter(100, { expected: 100, deviation: 1 })).toBe(true)
    expect(holdsAfter(100, { expected: 105, deviation: 1 })).toBe(false)
    expect(holdsAfter(100, { expected: 101, deviation: 50 })).toBe(false)
    expect(holdsAfter(100, { expected: 101, deviation: 1 })).toBe(true)
  })

  it('does not judge after a few points', () => {
    expect(holdsAfter(20, { expected: 1e6, deviation: 1 })).toBe(true)
  })
})
