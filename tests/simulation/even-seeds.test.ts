import { expect, it } from 'vitest'
import { SEEDS, simulateSeeds } from './simulate.ts'

it(`gives the undisturbed results through crashes, moves, zombies, failed commits and torn checkpoints (${SEEDS / 2} even seeds)`, async () => {
  expect(await simulateSeeds(2, SEEDS, 2)).toBeUndefined()
})
