import { expect, test } from 'vitest'
import { BinaryReader, BinaryWriter } from '../../../../src/core/binary.ts'
import { SeasonalProfile } from '../../../../src/forecast/baseline/seasonal-profile.ts'

test('the first values are averaged, later ones forgotten at the rate', () => {
  const profile = new SeasonalProfile(2, 0.1)
  profile.learn(0, 4)
  expect(profile.offset(0)).toBe(4)
  profile.learn(0, -2)
  expect(profile.offset(0)).toBe(3)
  expect(profile.count(0)).toBe(2)
  expect(profile.offset(1)).toBe(0)
  for (let i = 0; i < 200; i++) profile.learn(0, 7 - profile.offset(0))
  expect(profile.offset(0)).toBeCloseTo(7, 6)
})

test('is restored with its counts', () => {
  const profile = new SeasonalProfile(3, 0.2)
  profile.learn(2, 1.5)
  const writer = new BinaryWriter('TEST', 1)
  profile.save(writer)
  const restored = new SeasonalProfile(3, 0.2)
  restored.load(new BinaryReader(writer.finish(), 'TEST', 1))
  expect([restored.offset(2), restored.count(2), restored.count(0)]).toEqual([1.5, 1, 0])
})
