import { expect, it } from 'vitest'
import { StreamState } from '../../../../src/forecast/deepar/stream-state.ts'

it('holds the newest values, by how far they lie back', () => {
  const state = new StreamState(4, 2)
  for (let i = 0; i < 6; i++) state.push(i * 1000, i, i !== 4)
  expect([0, 1, 2, 3].map((back) => state.back(back))).toEqual([5, 4, 3, 2])
  expect(state.back(4)).toBeNaN()
  expect(state.wasObserved(1)).toBe(false)
  expect([...state.history().values]).toEqual([2, 3, 4, 5])
  expect(state.observedCount).toBe(5)
})

it('comes back from its snapshot as it was', () => {
  const state = new StreamState(3, 4, [2, 0])
  for (let i = 0; i < 5; i++) state.push(i, i / 3, true)
  state.lstm.set([0.1, -0.2, 0, 7])
  state.location = 3
  state.sinceAnchor = 11
  const restored = StreamState.restore(state.save(), 'x')
  expect(restored).toEqual(state)
  expect(restored.save()).toEqual(state.save())
  expect(() => StreamState.restore(state.save().subarray(0, 40), 'x')).toThrow(/checksum|cut short/)
})
