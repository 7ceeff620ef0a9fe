import { expect, test } from 'vitest'
import { normalTailEvidence } from '../../../src/band/normal-tail.ts'
import { normalCdf } from '../../../src/core/special-functions.ts'

test('agrees with the exact tail where that can be computed', () => {
  for (let z = -4; z <= 8; z += 0.25) {
    const exact = -Math.log10(normalCdf(-z))
    expect(Math.abs(normalTailEvidence(z) - exact)).toBeLessThan(1e-6 + 1e-6 * exact)
  }
})

test('does not underflow far out, where the tail is exp(-z^2/2) / (z sqrt(2 pi))', () => {
  const asymptotic = (z: number) => (z * z) / 2 / Math.LN10 + Math.log10(z * Math.sqrt(2 * Math.PI))
  expect(normalTailEvidence(100)).toBeCloseTo(asymptotic(100), 3)
  expect(normalTailEvidence(-50)).toBe(0)
})
