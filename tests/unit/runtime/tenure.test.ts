import { expect, it } from 'vitest'
import { Tenure } from '../../../src/runtime/tenure.ts'

it('ends for everybody who looks at the same memory', () => {
  const here = new Tenure()
  const there = new Tenure(here.shared)
  expect(there.isCurrent).toBe(true)
  here.end()
  expect(there.isCurrent).toBe(false)
  expect(new Tenure().isCurrent).toBe(true)
})
