import { expect, test } from 'vitest'
import { parseTimestamp } from '../../../../src/adapters/csv/timestamps.ts'

const MIDNIGHT = Date.UTC(2014, 3, 1)

test.each([
  ['2014-04-01 00:00:00', MIDNIGHT],
  ['2014-04-01T00:00:00Z', MIDNIGHT],
  ['2014-04-01 00:00:00.500000', MIDNIGHT + 500],
  ['2014-04-01T02:00+02:00', MIDNIGHT],
  ['2014-03-31T20:30:00-0330', MIDNIGHT],
  ['2014-04-01', MIDNIGHT],
  ['1396310400', MIDNIGHT],
  ['1396310400000', MIDNIGHT],
  ['1396310400000000', MIDNIGHT],
  ['1396310400000000000', MIDNIGHT],
  ['1396310400.25', MIDNIGHT + 250],
])('%s', (text, expected) => {
  expect(parseTimestamp(text)).toBe(expected)
})

test.each([
  '',
  'timestamp',
  '2014-13-01',
  '2014-02-30 00:00:00',
  '2014-04-01 24:00:00',
  '2014-04-01 00:61:00',
  '01/04/2014',
])('refuses %s', (text) => {
  expect(parseTimestamp(text)).toBeUndefined()
})
