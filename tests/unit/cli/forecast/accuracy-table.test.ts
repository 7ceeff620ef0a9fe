import { expect, it } from 'vitest'
import { accuracyTable } from '../../../../src/cli/forecast/accuracy-table.ts'
import type { Accuracy } from '../../../../src/forecast/accuracy.ts'

const accuracy = (meanWql: number): Accuracy => ({
  windows: 4,
  steps: 96,
  meanWql,
  wql: [meanWql, meanWql],
  macroWql: 0.1,
  nd: 0.2,
  rmse: 3,
  nrmse: 0.3,
  mase: Number.NaN,
  smape: 0.5,
  coverage: [0.11, 0.52],
})

it('puts accuracies side by side in columns of equal width', () => {
  const text = accuracyTable({ deepar: accuracy(0.02345), 'seasonal naive': accuracy(0.05) }, [0.1, 0.5])
  const lines = text.split('\n')
  expect(lines[0]).toMatch(/^ +deepar {2}seasonal naive$/)
  expect(lines.find((line) => line.startsWith('mean wQL'))).toMatch(/0\.02345 +0\.05000$/)
  expect(lines.find((line) => line.startsWith('MASE'))).toMatch(/- +-$/)
  expect(lines.find((line) => line.startsWith('coverage[0.5]'))).toBeDefined()
  expect(text).toMatch(/4 windows, 96 observed steps\n$/)
  expect(new Set(lines.slice(0, -2).map((line) => line.length)).size).toBe(1)
})
