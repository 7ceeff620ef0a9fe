import { describe, expect, it } from 'vitest'
import { TimestampReader, timestampFromNumber, timestampFromText } from '../../../src/decode/timestamp.ts'

const MS = 1_700_000_000_123

describe('timestampFromNumber', () => {
  it.each([
    ['s', MS / 1_000],
    ['ms', MS],
    ['us', MS * 1_000],
    ['ns', MS * 1_000_000],
  ] as const)('reads %s, named or by its size', (unit, value) => {
    expect(timestampFromNumber(value, unit)).toBe(MS)
    expect(timestampFromNumber(value, 'auto')).toBe(MS)
  })

  it.each([
    ['ms', 1_700_000_000, 's'],
    ['ms', 1_700_000_000_123_456, 'us'],
    ['ms', 1.7e18, 'ns'],
    ['s', MS, 'ms'],
    ['ns', MS, 'ms'],
  ] as const)('refuses, as %s, %d, and says that it looks like %s', (unit, value, looks) => {
    const refused = timestampFromNumber(value, unit)
    expect(refused).toMatchObject({ reason: 'timestamp_unit' })
    expect((refused as { detail: string }).detail).toContain(`set decode.timestampUnit to ${looks} or auto`)
  })

  it('takes a number too small to tell its unit at its word, but does not guess one', () => {
    expect(timestampFromNumber(0, 'ms')).toBe(0)
    expect(timestampFromNumber(90_000, 's')).toBe(90_000_000)
    expect(timestampFromNumber(90_000, 'auto')).toMatchObject({ reason: 'timestamp_invalid' })
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e21])('refuses %d', (value) => {
    for (const unit of ['auto', 's', 'ms', 'us', 'ns'] as const) {
      expect(timestampFromNumber(value, unit)).toMatchObject({ reason: 'timestamp_invalid' })
    }
  })
})

describe('timestampFromText', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2023-11-14T22:13:20Z', 1_700_000_000_000],
    ['2023-11-14T22:13:20.123456789Z', MS],
    ['2023-11-14t22:13:20.1z', 1_700_000_000_100],
    ['2023-11-15 03:43:20.123+05:30', MS],
    ['2023-11-14T14:13:20.123-08:00', MS],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
  ])('reads %s', (text, expected) => {
    expect(timestampFromText(text)).toBe(expected)
  })

  it.each([
    '2023-11-14T22:13:20',
    '2023-11-14',
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-11-14T24:00:00Z',
    '2023-11-14T22:60:00Z',
    '2023-11-14T22:13:20+25:00',
    '1969-12-31T23:59:59Z',
    'yesterday',
    '',
    '1700000000000',
  ])('refuses %j', (text) => {
    expect(timestampFromText(text)).toMatchObject({ reason: 'timestamp_invalid' })
  })
})

describe('TimestampReader', () => {
  it('remembers a text without mixing it up with the next', () => {
    const reader = new TimestampReader('ms')
    expect(reader.read('')).toMatchObject({ reason: 'timestamp_invalid' })
    expect(reader.read('2023-11-14T22:13:20Z')).toBe(1_700_000_000_000)
    expect(reader.read('2023-11-14T22:13:20Z')).toBe(1_700_000_000_000)
    expect(reader.read('2023-11-14T22:13:21Z')).toBe(1_700_000_001_000)
    expect(reader.read('soon')).toMatchObject({ reason: 'timestamp_invalid' })
  })

  it('tells what is absent from what is wrong', () => {
    const reader = new TimestampReader('ms')
    expect(reader.read(undefined)).toMatchObject({ reason: 'timestamp_missing' })
    expect(reader.read(null)).toMatchObject({ reason: 'timestamp_missing' })
    expect(reader.read(true)).toMatchObject({ reason: 'timestamp_invalid' })
  })
})
