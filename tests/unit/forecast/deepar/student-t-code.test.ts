import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { KernelPlan } from '../../../../src/forecast/deepar/lstm-kernel.ts'
import { studentT } from '../../../../src/forecast/distribution/student-t.ts'

const ROWS = 4000
const ROUNDS = 25
const IDENTITY = { location: 0, scale: 1 }

/** Draws of rows that share their raw outputs, and the generators that the kernel's four lanes began with. */
function kernelDraws(outputs: readonly number[]) {
  const plan = new KernelPlan()
  const [raw, random] = [plan.take(outputs.length * ROWS), plan.take(16)]
  const [values, inputs] = [plan.take(ROWS), plan.take(ROWS)]
  const { memory, words, drawStudentT } = plan.kernel
  const rng = new Rng(5)
  outputs.forEach((value, k) => {
    memory.fill(value, raw + k * ROWS, raw + (k + 1) * ROWS)
  })
  for (let i = 0; i < 16; i++) words[random + i] = rng.uint32()
  const generators = [0, 1, 2, 3].map((lane) => {
    const generator = new Rng(0)
    generator.state.forEach((_, word) => {
      generator.state[word] = words[random + 4 * word + lane]!
    })
    return generator
  })
  const draws = new Float64Array(ROUNDS * ROWS)
  for (let round = 0; round < ROUNDS; round++) {
    drawStudentT(4 * raw, 4 * ROWS, 4 * random, ROWS / 4, 4 * values, 4 * inputs)
    draws.set(memory.subarray(values, values + ROWS), round * ROWS)
  }
  return { draws, generators, inputs: memory.slice(inputs, inputs + ROWS) }
}

/** Largest distance between the draws' distribution and the one that they should have, times the root of their number. */
function kolmogorov(draws: Float64Array, raw: Float64Array): number {
  let largest = 0
  draws.toSorted().forEach((value, i) => {
    const expected = studentT.cdf(raw, 0, IDENTITY, value)
    largest = Math.max(largest, Math.abs(expected - (i + 0.5) / draws.length))
  })
  return largest * Math.sqrt(draws.length)
}

/** Correlation of the signs of draws so far apart, in standard errors. */
function signsTogether(draws: Float64Array, apart: number): number {
  let sum = 0
  for (let i = apart; i < draws.length; i++) sum += Math.sign(draws[i]!) * Math.sign(draws[i - apart]!)
  return sum / Math.sqrt(draws.length - apart)
}

describe('Student-t draws of the kernel', () => {
  it.each([
    [0.3, 2, -0.5],
    [0, -8, 1],
    [-2, -100, -3],
    [1, 30, 3],
    [0, 1e6, 0],
  ])('have the distribution of raw outputs %d, %d, %d', (...outputs) => {
    const { draws } = kernelDraws(outputs)
    // One in a thousand sets of true draws is further away.
    expect(kolmogorov(draws, Float64Array.from(outputs))).toBeLessThan(1.95)
  })

  it('are what the formula gives for the numbers of four generators', () => {
    const { draws, generators } = kernelDraws([0, 1, 0.5])
    const raw = Float64Array.of(0, 1, 0.5)
    const df = studentT.degreesOfFreedom(raw, 0)
    const sigma = Math.log1p(Math.exp(0.5))
    for (let i = 0; i < ROWS; i++) {
      const generator = generators[i % 4]!
      const u = ((generator.uint32() >>> 1) | 1) / 2 ** 31
      const angle = (Math.PI * (generator.uint32() | 0)) / 2 ** 32
      const expected = sigma * Math.sqrt(df * Math.expm1((-2 / df) * Math.log(u))) * Math.sin(angle)
      expect(Math.abs(draws[i]! - expected)).toBeLessThan(2e-5 * (1 + Math.abs(expected)))
    }
  })

  it('know nothing of each other, beside each other or one step after another', () => {
    const { draws } = kernelDraws([0, 1, 0])
    for (const apart of [1, 2, 3, 4, 8, ROWS]) expect(Math.abs(signsTogether(draws, apart))).toBeLessThan(4)
  })

  it('reach the network no larger than it takes its inputs', () => {
    const { draws, inputs } = kernelDraws([30, -100, 3])
    const last = draws.subarray(draws.length - ROWS)
    expect(Math.max(...last)).toBeGreaterThan(50)
    inputs.forEach((value, i) => {
      expect(value).toBe(Math.max(-50, Math.min(50, last[i]!)))
    })
  })
})
