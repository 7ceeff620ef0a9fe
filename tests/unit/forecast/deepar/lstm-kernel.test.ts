import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { GATE_FACTORS, INT16_ONE } from '../../../../src/forecast/deepar/gates-code.ts'
import { BLOCK_COLUMNS, BLOCK_ROWS } from '../../../../src/forecast/deepar/kernel-code.ts'
import { KernelPlan, packInt16, packWeights, spreadGates } from '../../../../src/forecast/deepar/lstm-kernel.ts'

const ROWS = 2 * BLOCK_ROWS
const rng = new Rng(3)
const draw = (count: number, size = 1) => Float32Array.from({ length: count }, () => size * rng.normal())

describe('the LSTM kernel', () => {
  it('multiplies as a loop over the inputs in order does, bit for bit', () => {
    const [inputs, columns] = [13, 16]
    const plan = new KernelPlan()
    const [xAt, wAt] = [plan.take(ROWS * inputs), plan.take(inputs * columns)]
    const [biasAt, outAt] = [plan.take(columns), plan.take(ROWS * columns)]
    const kernel = plan.kernel
    const x = draw(ROWS * inputs)
    const w = draw(inputs * columns)
    const bias = draw(columns)
    kernel.memory.set(x, xAt)
    kernel.memory.set(bias, biasAt)
    packWeights(w, inputs, columns, kernel.memory.subarray(wAt))
    const blocks = columns / BLOCK_COLUMNS
    kernel.product(
      4 * xAt,
      4 * inputs,
      4 * wAt,
      4 * biasAt,
      0,
      4 * outAt,
      4 * columns,
      inputs,
      blocks,
      ROWS / BLOCK_ROWS,
    )
    for (let r = 0; r < ROWS; r++) {
      for (let k = 0; k < columns; k++) {
        let sum = bias[k]!
        for (let i = 0; i < inputs; i++) {
          sum = Math.fround(sum + Math.fround(x[r * inputs + i]! * w[i * columns + k]!))
        }
        expect(kernel.memory[outAt + r * columns + k]).toBe(sum)
      }
    }
  })

  it('multiplies integers to what the floats that they stand for give, and adds it', () => {
    const [inputs, columns] = [80, 16]
    const plan = new KernelPlan()
    const [xAt, wAt] = [plan.take((ROWS * inputs) / 2), plan.take((inputs * columns) / 2)]
    const [scaleAt, outAt] = [plan.take(columns), plan.take(ROWS * columns)]
    const kernel = plan.kernel
    const x = Float32Array.from({ length: ROWS * inputs }, () => 2 * rng.uniform() - 1)
    // Columns of one sign and full size: the largest sums that there can be.
    const w = draw(inputs * columns).map((value, i) => (i % columns === 0 ? 3 : value))
    x.fill(1, 0, inputs)
    x.forEach((value, i) => {
      kernel.integers[2 * xAt + i] = Math.round(INT16_ONE * value)
    })
    packInt16(w, inputs, columns, kernel.integers.subarray(2 * wAt), kernel.memory.subarray(scaleAt, scaleAt + columns))
    const before = draw(ROWS * columns)
    kernel.memory.set(before, outAt)
    const blocks = columns / BLOCK_COLUMNS
    const sums = [4 * outAt, 4 * columns] as const
    const sizes = [inputs / 2, blocks, ROWS / BLOCK_ROWS] as const
    kernel.productInt16(4 * xAt, 2 * inputs, 4 * wAt, ...sums, ...sums, ...sizes, 4 * scaleAt)
    for (let r = 0; r < ROWS; r++) {
      for (let k = 0; k < columns; k++) {
        let sum = before[r * columns + k]!
        for (let i = 0; i < inputs; i++) sum += x[r * inputs + i]! * w[i * columns + k]!
        expect(Math.abs(kernel.memory[outAt + r * columns + k]! - sum)).toBeLessThan(0.01)
      }
    }
  })

  it('moves cells and hidden values as the LSTM defines it, from the middle to the ends of the range', () => {
    const [cells, rows, stride] = [8, 3, 12]
    const plan = new KernelPlan()
    const [gatesAt, cellsAt] = [plan.take(rows * 4 * cells), plan.take(rows * cells)]
    const [hiddenAt, integersAt] = [plan.take(rows * stride), plan.take((rows * stride) / 2)]
    const kernel = plan.kernel
    const sigmoid = (value: number) => 1 / (1 + Math.exp(-value))
    for (const size of [0.1, 1, 10, 100, 1e6]) {
      const gates = draw(rows * 4 * cells, size)
      const before = draw(rows * cells)
      const run = (work: () => void) => {
        spreadGates(gates, { from: 0, to: 0, count: rows }, cells, cells, kernel.memory.subarray(gatesAt))
        kernel.memory.set(before, cellsAt)
        work()
        return kernel.memory.slice(cellsAt, hiddenAt + rows * stride)
      }
      const at = [4 * gatesAt, 4 * cellsAt, 4 * hiddenAt, 4 * stride, cells / 4, rows] as const
      const found = run(() => kernel.gates(...at))
      const withIntegers = run(() => kernel.gatesInt16(...at, 4 * integersAt, 2 * stride))
      expect(withIntegers).toEqual(found)
      for (let k = 0; k < rows * cells; k++) {
        const [row, i] = [Math.floor(k / cells), k % cells]
        const [input, forget, candidate, output] = GATE_FACTORS.map((_, gate) => gates[(4 * row + gate) * cells + i]!)
        const cell = sigmoid(forget!) * before[k]! + sigmoid(input!) * Math.tanh(candidate!)
        const hidden = sigmoid(output!) * Math.tanh(cell)
        expect(Math.abs(kernel.memory[cellsAt + k]! - cell)).toBeLessThan(1e-6)
        expect(Math.abs(kernel.memory[hiddenAt + row * stride + i]! - hidden)).toBeLessThan(1e-6)
        const integer = kernel.integers[2 * integersAt + row * stride + i]!
        expect(Math.abs(integer - INT16_ONE * hidden)).toBeLessThan(0.6)
      }
    }
  })
})
