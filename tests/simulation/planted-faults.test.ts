import { expect, it } from 'vitest'
import { simulate } from './simulate.ts'
import { PLANTS } from './world.ts'

/** Enough for a fault that shows in one run of a hundred. */
const SEEDS_MAX = 400

it.each(PLANTS.filter((plant) => plant !== 'none'))('would see a planted fault: %s', async (plant) => {
  const seeds = Array.from({ length: SEEDS_MAX }, (_, i) => i + 1)
  let found: number | undefined
  for (const seed of seeds) {
    if ((await simulate(seed, plant)).same) continue
    found = seed
    break
  }
  expect(found).toBeDefined()
})
