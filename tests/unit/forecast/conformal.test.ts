import { describe, expect, it } from 'vitest'
import { Rng } from '../../../src/core/rng.ts'
import { normalQuantile } from '../../../src/core/special-functions.ts'
import { DEFAULT_LEVELS } from '../../../src/forecast/accuracy.ts'
import {
  AdaptiveWidth,
  applyCalibration,
  calibrate,
  type HeldBack,
  NOT_CALIBRATED,
} from '../../../src/forecast/conformal.ts'

const LEVELS: readonly number[] = DEFAULT_LEVELS

/** Forecasts of a normal whose spread is told as `told` times what it is, and whose centre is off by `bias`. */
function windows(told: number, bias: number, count = 200): HeldBack[] {
  const rng = new Rng(5)
  return Array.from({ length: count }, () => ({
    truth: Float64Array.from({ length: 10 }, () => 100 + 10 * rng.normal()),
    forecast: {
      levels: LEVELS,
      quantiles: LEVELS.map((level) => new Float64Array(10).fill(100 + bias + told * 10 * normalQuantile(level))),
      mean: new Float64Array(10).fill(100 + bias),
    },
  }))
}

function coverage(held: readonly HeldBack[], level: number): number {
  const i = LEVELS.indexOf(level)
  const hits = held.flatMap(({ forecast, truth }) =>
    [...truth].map((y, h) => (y <= forecast.quantiles[i]![h]! ? 1 : 0)),
  )
  return hits.reduce((sum: number, hit) => sum + hit, 0) / hits.length
}

describe('calibrate', () => {
  it.each([0.4, 2.5])('brings a spread told at %d times its size near its coverage', (told) => {
    const held = windows(told, 0)
    const calibration = calibrate(held)
    const after = held.map((window) => ({ ...window, forecast: applyCalibration(window.forecast, calibration) }))
    const error = (set: readonly HeldBack[]) => Math.abs(coverage(set, 0.9) - 0.9) + Math.abs(coverage(set, 0.1) - 0.1)
    expect(error(after)).toBeLessThan(0.6 * error(held))
  })

  it('moves part of the way against a bias', () => {
    expect(calibrate(windows(1, -8)).shift).toBeGreaterThan(0.05)
    expect(Math.abs(calibrate(windows(1, 0)).shift)).toBeLessThan(0.05)
  })

  it('believes nothing of too few values, nor of forecasts without width', () => {
    expect(calibrate(windows(0.2, 0, 3))).toEqual(NOT_CALIBRATED)
    const flat = windows(0, 0)
    expect(calibrate(flat)).toEqual(NOT_CALIBRATED)
  })
})

describe('AdaptiveWidth', () => {
  it('brings the coverage of a band that is too narrow to its target', () => {
    const rng = new Rng(3)
    const width = new AdaptiveWidth(0.95)
    let late = 0
    for (let i = 0; i < 6000; i++) {
      const inside = Math.abs(rng.normal()) <= 0.8 * width.factor
      width.observe(inside)
      if (i >= 3000 && inside) late++
    }
    expect(late / 3000).toBeCloseTo(0.95, 1)
    expect(width.factor).toBeGreaterThan(1.5)
  })

  it('goes on from what was saved', () => {
    const first = new AdaptiveWidth(0.9)
    for (let i = 0; i < 50; i++) first.observe(i % 3 !== 0)
    const second = new AdaptiveWidth(0.9)
    second.load(first.save())
    expect(second.factor).toBe(first.factor)
    expect(second.coverage).toBe(first.coverage)
  })
})
