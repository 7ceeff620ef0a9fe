import { expect, it } from 'vitest'
import { RunningMoments } from '../../../src/core/moments.ts'

it('has mean and deviation, also far from zero, and goes on where it was saved', () => {
  const moments = new RunningMoments()
  const values = [4, 7, 13, 16].map((value) => value + 1e9)
  for (const value of values) moments.add(value)
  expect(moments.mean).toBe(1e9 + 10)
  expect(moments.variance).toBeCloseTo(22.5, 6)
  const restored = new RunningMoments()
  restored.load(moments.save())
  restored.add(1e9)
  moments.add(1e9)
  expect(restored.deviation).toBe(moments.deviation)
})
