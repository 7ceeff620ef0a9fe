import { expect, it } from 'vitest'
import { simulate } from './simulate.ts'
import { PLANTS } from './world.ts'

/** How many seeds a run goes through; SIMULATIONS asks for more. */
const SEEDS = Number(process.env['SIMULATIONS'] ?? 10_000)

it(`gives the undisturbed results through crashes, moves, zombies, failed commits and torn checkpoints (${SEEDS} seeds)`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { difference } = await simulate(seed)
    if (difference !== undefined) expect.fail(`seed ${seed}: ${difference}`)
  }
})

it.each(PLANTS.filter((plant) => plant !== 'none'))('would see a planted fault: %s', async (plant) => {
  let found = 0
  for (let seed = 1; seed <= 40; seed++) if (!(await simulate(seed, plant)).same) found++
  expect(found).toBeGreaterThan(0)
})
