import { expect, it } from 'vitest'
import { simulate } from './simulate.ts'
import { PLANTS } from './world.ts'

it.each(PLANTS.filter((plant) => plant !== 'none'))('would see a planted fault: %s', async (plant) => {
  let found = 0
  for (let seed = 1; seed <= 40; seed++) if (!(await simulate(seed, plant)).same) found++
  expect(found).toBeGreaterThan(0)
})
