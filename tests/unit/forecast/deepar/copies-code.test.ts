import { expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { applyCopies } from '../../../../src/forecast/deepar/head-loss.ts'
import { KernelPlan } from '../../../../src/forecast/deepar/lstm-kernel.ts'

const ROWS = 8
const HEAD_COLUMNS = 16

it.each([
  [3, 0],
  [1, 1],
  [2, 3],
  [3, 6],
])('joins copies to the first of %d raw outputs as training does (%d copies)', (rawSize, copied) => {
  const plan = new KernelPlan()
  const [head, copies] = [plan.take(ROWS * HEAD_COLUMNS), plan.take((copied + 1) * ROWS)]
  const [raw, behind] = [plan.take(rawSize * ROWS), plan.take(4)]
  const { memory, joinCopies } = plan.kernel
  const rng = new Rng(8)
  for (let i = 0; i < ROWS * HEAD_COLUMNS; i++) memory[head + i] = 3 * rng.normal()
  // Gates far apart: one that takes all, and one beside it that is as large.
  for (let k = 0; k < Math.min(2, copied); k++) memory[head + HEAD_COLUMNS + rawSize + k] = 400
  for (let i = ROWS; i < (copied + 1) * ROWS; i++) memory[copies + i] = 10 * rng.normal()
  const gates = copied > 0 ? copied + 1 : 0
  joinCopies(4 * head, 4 * HEAD_COLUMNS, rawSize, gates, 4 * copies, 4 * ROWS, 4 * raw, ROWS / 4)
  for (let row = 0; row < ROWS; row++) {
    const at = head + row * HEAD_COLUMNS
    const expected = Float64Array.from(memory.subarray(at, at + HEAD_COLUMNS))
    const values = Float64Array.from({ length: copied }, (_, k) => memory[copies + (k + 1) * ROWS + row]!)
    if (copied > 0) applyCopies(copied, expected, 0, rawSize, values, 0, new Float64Array(copied + 1))
    expect(Math.abs(memory[raw + row]! - expected[0]!)).toBeLessThan(1e-5)
    for (let k = 1; k < rawSize; k++) expect(memory[raw + k * ROWS + row]).toBe(expected[k])
  }
  expect([...memory.subarray(behind, behind + 4)]).toEqual([0, 0, 0, 0])
})
