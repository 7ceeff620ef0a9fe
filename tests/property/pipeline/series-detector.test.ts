import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ScoredPoint } from '../../../src/band/scored-point.ts'
import { Rng } from '../../../src/core/rng.ts'
import type { SeriesDetector } from '../../../src/pipeline/detector/contract.ts'
import { createDetector, restoreDetector } from '../../../src/pipeline/detector/create-detector.ts'
import { DETECTOR_DEFAULTS } from '../../../src/pipeline/detector/options.ts'

const SETUP = { ...DETECTOR_DEFAULTS, trees: 10, sampleSize: 64, inputs: ['m'], periodMs: 3_600_000 }

/** Values with spikes, shifts, gaps and repeats, from a seed. */
function wild(seed: number, count: number): number[] {
  const rng = new Rng(seed)
  let level = 0
  return Array.from({ length: count }, () => {
    const dice = rng.uniform()
    if (dice < 0.01) level += 20 * rng.normal()
    if (dice > 0.98) return Number.NaN
    return dice > 0.96 ? level + 50 * rng.normal() : Math.round((level + rng.normal()) * 4) / 4
  })
}

function step(detector: SeriesDetector, index: number, value: number): ScoredPoint {
  const observed = Uint8Array.of(Number.isNaN(value) ? 0 : 1)
  return detector.step({ timestampMs: index * SETUP.periodMs, values: Float64Array.of(value), observed })
}

const series = fc.record({
  seed: fc.integer(),
  count: fc.integer({ min: 2, max: 1_400 }),
  cut: fc.double({ min: 0, max: 1, noNaN: true }),
})

test('a restored detector goes on with the same bits, wherever it was cut', () => {
  fc.assert(
    fc.property(series, ({ seed, count, cut }) => {
      const values = wild(seed, count)
      const at = Math.floor(cut * count)
      const whole = createDetector(SETUP, ['p', String(seed)])
      let parts = createDetector(SETUP, ['p', String(seed)])
      values.forEach((value, i) => {
        if (i === at) {
          if (i > 40)
            parts.feedback({
              label: 'incident',
              range: { startMs: (i - 40) * SETUP.periodMs, endMs: (i - 30) * SETUP.periodMs },
            })
          if (i > 40)
            whole.feedback({
              label: 'incident',
              range: { startMs: (i - 40) * SETUP.periodMs, endMs: (i - 30) * SETUP.periodMs },
            })
          const bytes = parts.snapshot()
          parts.dispose()
          parts = restoreDetector(SETUP, bytes)
          expect(parts.snapshot()).toEqual(bytes)
        }
        expect(step(parts, i, value)).toEqual(step(whole, i, value))
      })
      whole.dispose()
      parts.dispose()
    }),
    { numRuns: 12 },
  )
})

test('a score uses nothing after its point', () => {
  fc.assert(
    fc.property(series, ({ seed, count, cut }) => {
      const values = wild(seed, count)
      const at = Math.floor(cut * count)
      const other = [...values.slice(0, at), ...wild(seed ^ 1, count - at)]
      const scoresOf = (all: readonly number[]) => {
        const detector = createDetector(SETUP, ['p'])
        const points = all.map((value, i) => step(detector, i, value))
        detector.dispose()
        return points.slice(0, at)
      }
      expect(scoresOf(other)).toEqual(scoresOf(values))
    }),
    { numRuns: 12 },
  )
})

test('scores are finite and not negative, grades between 0 and 1', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 300 }),
      (values) => {
        const detector = createDetector(SETUP, ['p'])
        values.forEach((value, i) => {
          const point = step(detector, i, value)
          expect(Number.isFinite(point.score) && point.score >= 0).toBe(true)
          expect(point.grade >= 0 && point.grade <= 1).toBe(true)
        })
        detector.dispose()
      },
    ),
    { numRuns: 40 },
  )
})
