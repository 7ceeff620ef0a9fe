import { expect, it } from 'vitest'
import { gradientOfLoss, smallestLoss } from '../../../src/forecast/mixture-loss.ts'

const forecastOf = (...values: number[]) => ({
  levels: [0.1, 0.5, 0.9],
  quantiles: [-1, 0, 1].map((away) => Float64Array.from(values, (value) => value + away)),
  mean: Float64Array.from(values),
})
const window = {
  members: [forecastOf(1, 2, 3), forecastOf(5, 1, -4)],
  truth: Float64Array.of(2.2, Number.NaN, 0.3),
}

it('is the quantile loss of the mixture, missing truth left out', () => {
  // Mixture of halves: 3 and -0.5 in the middle, 1 below and above.
  const expected = [
    [2 - 2.2, 0.1],
    [3 - 2.2, 0.5],
    [4 - 2.2, 0.9],
    [-1.5 - 0.3, 0.1],
    [-0.5 - 0.3, 0.5],
    [0.5 - 0.3, 0.9],
  ].reduce((sum, [away, level]) => sum + 2 * Math.abs(away! * ((away! >= 0 ? 1 : 0) - level!)), 0)
  expect(gradientOfLoss(window, [0.5, 0.5], 1)).toBeCloseTo(expected, 12)
})

it('gives the gradient that differences give', () => {
  const gradient = [0, 0]
  gradientOfLoss(window, [0.4, 0.6], 3, gradient)
  const step = 1e-6
  const moved = (m: number, by: number) =>
    gradientOfLoss(
      window,
      [0.4, 0.6].map((share, i) => (i === m ? share + by : share)),
      3,
    )
  for (const m of [0, 1]) expect(gradient[m]).toBeCloseTo((moved(m, step) - moved(m, -step)) / (2 * step), 5)
})

it('finds the lowest point, and stays nearer to the start the more that is trusted', () => {
  const start = [0.5, 0.3, 0.2]
  const lossOf = (shares: readonly number[], gradient: number[]) => {
    const wanted = [0.1, 0.1, 0.8]
    shares.forEach((share, m) => {
      gradient[m] = 2 * (share - wanted[m]!)
    })
    return shares.reduce((sum, share, m) => sum + (share - wanted[m]!) ** 2, 0)
  }
  const free = smallestLoss(start, 1e-6, lossOf)
  expect(free[2]).toBeCloseTo(0.8, 1)
  const held = smallestLoss(start, 1, lossOf)
  expect(held[2]).toBeGreaterThan(0.2)
  expect(held[2]).toBeLessThan(0.6)
  expect(free.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
})
