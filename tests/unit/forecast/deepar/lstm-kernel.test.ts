import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { BLOCK_COLUMNS, BLOCK_ROWS, makeLstmKernel, packWeights } from '../../../../src/forecast/deepar/lstm-kernel.ts'

const rng = new Rng(3)
const draw = (count: number, size = 1) => Float32Array.from({ length: count }, () => size * rng.normal())

describe('the LSTM kernel', () => {
  it('multiplies as a loop over the inputs in order does, bit for bit', () => {
    const [inputs, columns] = [13, 16]
    const kernel = makeLstmKernel(4000)
    const [xAt, wAt, biasAt, outAt] = [0, 200, 800, 1000]
    const x = draw(BLOCK_ROWS * inputs)
    const w = draw(inputs * columns)
    const bias = draw(columns)
    kernel.memory.set(x, xAt)
    kernel.memory.set(bias, biasAt)
    packWeights(w, inputs, columns, kernel.memory.subarray(wAt))
    kernel.product(4 * xAt, 4 * inputs, 4 * wAt, 4 * biasAt, 4 * outAt, 4 * columns, inputs, columns / BLOCK_COLUMNS)
    for (let r = 0; r < BLOCK_ROWS; r++) {
      for (let k = 0; k < columns; k++) {
        let sum = bias[k]!
        for (let i = 0; i < inputs; i++) {
          sum = Math.fround(sum + Math.fround(x[r * inputs + i]! * w[i * columns + k]!))
        }
        expect(kernel.memory[outAt + r * columns + k]).toBe(sum)
      }
    }
  })

  it('moves cells and hidden values as the LSTM defines it, from the middle to the ends of the range', () => {
    const cells = 8
    const kernel = makeLstmKernel(1000)
    const [gatesAt, cellsAt, hiddenAt] = [0, 100, 200]
    const sigmoid = (value: number) => 1 / (1 + Math.exp(-value))
    for (const size of [0.1, 1, 10, 100, 1e6]) {
      const gates = draw(4 * cells, size)
      const before = draw(cells)
      kernel.memory.set(gates, gatesAt)
      kernel.memory.set(before, cellsAt)
      kernel.gates(4 * gatesAt, 4 * cellsAt, 4 * hiddenAt, 4 * cells, 4 * cells)
      for (let i = 0; i < cells; i++) {
        const [input, forget, candidate, output] = [0, 1, 2, 3].map((gate) => gates[gate * cells + i]!)
        const cell = sigmoid(forget!) * before[i]! + sigmoid(input!) * Math.tanh(candidate!)
        expect(kernel.memory[cellsAt + i]).toBeCloseTo(cell, 5)
        expect(kernel.memory[hiddenAt + i]).toBeCloseTo(sigmoid(output!) * Math.tanh(cell), 5)
      }
    }
  })
})
