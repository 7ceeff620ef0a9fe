import { expect, test } from 'vitest'
import { Calendar } from '../../../../src/forecast/baseline/calendar.ts'

test('UTC: hour and weekday, before and after the epoch', () => {
  const calendar = new Calendar('UTC')
  // 2024-01-01 was a Monday.
  expect(calendar.place(Date.UTC(2024, 0, 1, 5, 30))).toEqual({ dayMs: 19_800_000, hour: 5, hourOfWeek: 5 })
  expect(calendar.place(Date.UTC(2024, 0, 7, 23)).hourOfWeek).toBe(167)
  expect(calendar.place(Date.UTC(1969, 11, 31, 1)).hourOfWeek).toBe(2 * 24 + 1)
})

test('follows daylight saving: the same local hour in winter and in summer', () => {
  const calendar = new Calendar('Europe/Berlin')
  expect(calendar.place(Date.UTC(2024, 0, 10, 8)).hour).toBe(9)
  expect(calendar.place(Date.UTC(2024, 6, 10, 7)).hour).toBe(9)
  // The night of 31 March 2024: from 01:59 to 03:00 local.
  expect(calendar.place(Date.UTC(2024, 2, 31, 0, 59)).hour).toBe(1)
  expect(calendar.place(Date.UTC(2024, 2, 31, 1, 0)).hour).toBe(3)
})

test('zones with quarter hours', () => {
  const calendar = new Calendar('Asia/Kathmandu')
  expect(calendar.place(Date.UTC(2024, 0, 1, 0, 0)).dayMs).toBe((5 * 60 + 45) * 60_000)
})

test('an unknown zone is refused', () => {
  expect(() => new Calendar('Mars/Olympus')).toThrow(RangeError)
})
