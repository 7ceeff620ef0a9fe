import { expect, test } from 'vitest'
import { FlatRun } from '../../../src/band/flat-run.ts'
import { Rng } from '../../../src/core/rng.ts'

test('a metric that always moves and then stands still gathers evidence', () => {
  const rng = new Rng(1)
  const flat = new FlatRun()
  for (let i = 0; i < 1_000; i++) flat.step(rng.normal())
  let evidence = 0
  for (let i = 0; i < 12; i++) evidence = flat.step(0.5)
  expect(evidence).toBeGreaterThan(7)
})

test('a metric that often stands still does not', () => {
  const rng = new Rng(2)
  const flat = new FlatRun()
  let most = 0
  let value = 0
  for (let i = 0; i < 5_000; i++) {
    if (rng.uniform() < 0.15) value = Math.round(10 * rng.uniform())
    const evidence = flat.step(value)
    if (i > 1_000) most = Math.max(most, evidence)
  }
  expect(most).toBeLessThan(7)
})
