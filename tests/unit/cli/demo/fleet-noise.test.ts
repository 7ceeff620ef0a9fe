import { describe, expect, it } from 'vitest'
import { driftAt, normalAt, uniformAt } from '../../../../src/cli/demo/fleet-noise.ts'

const N = 20_000
const steps = Array.from({ length: N }, (_, step) => step + 28_000_000)

function moments(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) }
}

describe('fleet noise', () => {
  it('is uniform, and normal, over steps and over series', () => {
    for (const draw of [(step: number) => uniformAt(1, 7, step), (step: number) => uniformAt(1, step, 7)]) {
      const { mean, deviation } = moments(steps.map(draw))
      expect(mean).toBeCloseTo(0.5, 1.9)
      expect(deviation).toBeCloseTo(Math.sqrt(1 / 12), 1.9)
    }
    const { mean, deviation } = moments(steps.map((step) => normalAt(1, 7, step)))
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(deviation - 1)).toBeLessThan(0.03)
  })

  it('does not repeat itself from one step, or one series, to the next', () => {
    const products = (lag: number, other: number) =>
      moments(steps.map((step) => normalAt(1, 7, step) * normalAt(1, 7 + other, step + lag))).mean
    for (const [lag, other] of [
      [1, 0],
      [2, 0],
      [0, 1],
    ] as const) {
      expect(Math.abs(products(lag, other))).toBeLessThan(0.04)
    }
  })

  it('drifts without jumps', () => {
    const drift = Array.from({ length: 600 }, (_, minute) => driftAt(1, 7, minute * 60_000, 3_600_000))
    const jumps = drift.slice(1).map((value, i) => Math.abs(value - drift[i]!))
    expect(Math.max(...jumps)).toBeLessThan(0.2)
    expect(moments(drift).deviation).toBeGreaterThan(0.3)
  })
})
