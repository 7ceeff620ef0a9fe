import { describe, expect, it } from 'vitest'
import { Rng } from '../../../src/core/rng.ts'

describe('Rng', () => {
  it('draws the same numbers from the same seed, and others from another', () => {
    const [a, b, c] = [new Rng(7), new Rng(7), new Rng(8)]
    const numbers = (rng: Rng) => Array.from({ length: 20 }, () => rng.uniform())
    const first = numbers(a)
    expect(numbers(b)).toEqual(first)
    expect(numbers(c)).not.toEqual(first)
  })

  it('goes on where it was saved, spare normal included', () => {
    const rng = new Rng(3)
    rng.normal()
    const saved = rng.save()
    const expected = Array.from({ length: 9 }, () => rng.normal())
    const restored = new Rng(0)
    restored.load(saved)
    expect(Array.from({ length: 9 }, () => restored.normal())).toEqual(expected)
  })

  it('is uniform, and normal, as far as 100,000 numbers can tell', () => {
    const rng = new Rng(11)
    const n = 100_000
    const bins = new Array<number>(20).fill(0)
    let [sum, squares] = [0, 0]
    for (let i = 0; i < n; i++) {
      const bin = rng.below(20)
      bins[bin] = bins[bin]! + 1
      const z = rng.normal()
      sum += z
      squares += z * z
    }
    const chiSquare = bins.reduce((total, count) => total + (count - n / 20) ** 2 / (n / 20), 0)
    expect(chiSquare).toBeLessThan(43.8) // 99.9 % point of 19 degrees of freedom
    expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n))
    expect(Math.abs(squares / n - 1)).toBeLessThan(4 * Math.sqrt(2 / n))
  })
})
