import { describe, expect, it } from 'vitest'
import { RollingScaler, type Scaling, winsorBounds } from '../../../src/forecast/scaler.ts'

const ones = (length: number) => new Uint8Array(length).fill(1)
const at = (values: readonly number[], end: number, scaling: Scaling = 'location-scale', window = 10) => {
  const data = Float64Array.from(values)
  return new RollingScaler(data, ones(data.length), scaling, window).at(end)
}

describe('RollingScaler', () => {
  it('measures the mean and deviation of the window before the end', () => {
    const values = Array.from({ length: 30 }, (_, i) => i)
    const { location, scale } = at(values, 20)
    expect(location).toBeCloseTo(14.5, 10)
    expect(scale).toBeCloseTo(Math.sqrt((100 - 1) / 12), 10)
  })

  it('measures the mean absolute value when asked', () => {
    expect(at([-2, 2, -4, 4], 4, 'mean-abs')).toEqual({ location: 0, scale: 3 })
  })

  it('does not scale when asked not to', () => {
    expect(at([5, 6, 7], 3, 'none')).toEqual({ location: 0, scale: 1 })
  })

  it('never gives a scale of 0: idle and constant series, and windows without a value', () => {
    expect(at([0, 0, 0, 0], 4).scale).toBeGreaterThan(0)
    expect(at([7, 7, 7, 7], 4).scale).toBeGreaterThan(0)
    expect(new RollingScaler(new Float64Array(5), new Uint8Array(5), 'location-scale', 3).at(5).scale).toBe(1)
  })

  it("keeps an idle window's scale near the series' own", () => {
    const values = [...Array.from({ length: 50 }, (_, i) => 100 + (i % 2) * 20), ...Array(50).fill(0)]
    expect(at(values, 100).scale).toBeGreaterThan(1)
  })

  it('is not set by one spike', () => {
    const calm = Array.from({ length: 200 }, (_, i) => 10 + Math.sin(i))
    const spiked = calm.map((value, i) => (i === 100 ? 1e9 : value))
    expect(at(spiked, 105, 'location-scale', 200).scale).toBeLessThan(20)
  })

  it('does not count what was not observed', () => {
    const values = Float64Array.of(1, 999, 3)
    const scaler = new RollingScaler(values, Uint8Array.of(1, 0, 1), 'location-scale', 3)
    expect(scaler.at(3).location).toBeCloseTo(2, 10)
  })

  it('keeps small movements about a large level', () => {
    const values = Array.from({ length: 100 }, (_, i) => 1e6 + 300 * Math.sin(i))
    expect(at(values, 100, 'location-scale', 100).scale).toBeCloseTo(300 / Math.SQRT2, -1)
  })
})

it('winsorBounds hold all but outliers', () => {
  const values = Array.from({ length: 1000 }, (_, i) => i / 1000)
  const [low, high] = winsorBounds([...values, 1e12], ones(1001))
  expect(low).toBeLessThan(0)
  expect(high).toBeGreaterThan(1)
  expect(high).toBeLessThan(10)
})
