import { describe, expect, it } from 'vitest'
import { PointRing } from '../../../src/runtime/point-ring.ts'
import { madeInput, madePoint } from '../../support/made-points.ts'

const ALL = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }
const at = (timestampMs: number) => madePoint({ timestampMs })

describe('PointRing', () => {
  it.each([1, 5, 16, 17, 40, 50, 51, 137])('keeps the newest 50 of %d points, oldest first', (count) => {
    const ring = new PointRing(50, 1)
    for (let i = 0; i < count; i++) ring.push(at(i))
    const kept = Array.from({ length: Math.min(50, count) }, (_, i) => Math.max(0, count - 50) + i)
    expect(ring.read(ALL, 1_000).map((point) => point.timestampMs)).toEqual(kept)
    expect(ring.size).toBe(kept.length)
  })

  it('reads a range, and the newest of it when there are too many', () => {
    const ring = new PointRing(20, 1)
    for (let i = 0; i < 30; i++) ring.push(at(i * 10))
    const read = (startMs: number, endMs: number, limit: number) =>
      ring.read({ startMs, endMs }, limit).map((point) => point.timestampMs)
    expect(read(120, 150, 10)).toEqual([120, 130, 140])
    expect(read(0, 150, 2)).toEqual([130, 140])
    expect(read(400, 500, 10)).toEqual([])
  })

  it('gives back what was put in, with null for what is not known', () => {
    const ring = new PointRing(4, 2)
    const inputs = [
      madeInput({ name: 'a', value: 1.25, expected: 1, lower: -1, upper: 3 }),
      madeInput({ name: 'b', value: Number.NaN, observed: false, expected: Number.NaN, lower: Number.NaN, upper: 7 }),
    ]
    ring.push(
      madePoint({ timestampMs: 5, score: 2, grade: 0.75, confidence: 0.5, reason: 'suppressed_in_shingle', inputs }),
    )
    expect(ring.read(ALL, 1)).toEqual([
      {
        timestampMs: 5,
        score: 2,
        grade: 0.75,
        confidence: 0.5,
        reason: 'suppressed_in_shingle',
        inputs: [
          { value: 1.25, observed: true, expected: 1, lower: -1, upper: 3 },
          { value: null, observed: false, expected: null, lower: null, upper: 7 },
        ],
        attribution: [],
      },
    ])
  })

  it('keeps the largest shares of an anomalous score, as long as its point', () => {
    const ring = new PointRing(2, 1)
    const share = (lag: number, of: number) => ({ input: 'value', lag, direction: 'above', share: of }) as const
    const attribution = Array.from({ length: 40 }, (_, lag) => share(lag, lag / 780))
    ring.push(madePoint({ timestampMs: 1, grade: 0.5, attribution }))
    const [kept] = ring.read(ALL, 1)
    expect(kept?.attribution.map(({ lag }) => lag)).toEqual(Array.from({ length: 24 }, (_, i) => 39 - i))
    for (const timestampMs of [2, 3]) ring.push(at(timestampMs))
    expect(ring.read(ALL, 2).map((point) => point.attribution)).toEqual([[], []])
  })
})
