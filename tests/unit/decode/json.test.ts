import { describe, expect, it } from 'vitest'
import { createDecoder } from '../../../src/decode/create-decoder.ts'
import { encoded, RECORD_MS } from '../../support/encoded.ts'

const ITEM = { name: 'cpu', labels: { host: 'a' }, timestamp: RECORD_MS, value: 12.5 }
const decode = (value: unknown) => createDecoder({ format: 'json' }).decode(encoded(value))

describe('json', () => {
  it('reads an object', () => {
    expect(decode(ITEM)).toEqual({
      samples: [
        {
          series: { name: 'cpu', labels: { host: 'a' }, key: 'cpu{host="a"}' },
          timestampMs: RECORD_MS,
          value: 12.5,
          kind: 'unknown',
          stale: false,
        },
      ],
      rejections: [],
    })
  })

  it('reads an array: each object by itself, in order', () => {
    const { samples, rejections } = decode([ITEM, { ...ITEM, value: 'x' }, 7, { ...ITEM, name: 'mem' }])
    expect(samples.map(({ series }) => series.key)).toEqual(['cpu{host="a"}', 'mem{host="a"}'])
    expect(rejections.map(({ reason }) => reason)).toEqual(['value_invalid', 'wrong_shape'])
    expect(rejections[1]?.detail).toMatch(/^\[2\]: 7 where /)
  })

  it.each(['gauge', 'cumulative', 'delta', 'unknown'])('takes the kind %s', (kind) => {
    expect(decode({ ...ITEM, kind }).samples).toMatchObject([{ kind }])
  })

  it('refuses another kind', () => {
    expect(decode({ ...ITEM, kind: 'histogram' }).rejections).toMatchObject([{ reason: 'kind_invalid' }])
  })

  it('reads RFC 3339 times, and ignores keys that it does not know', () => {
    const { samples } = decode({ ...ITEM, unit: '%', timestamp: '2023-11-14T22:13:20Z' })
    expect(samples).toMatchObject([{ timestampMs: RECORD_MS }])
  })

  it.each(['name', 'timestamp', 'value'] as const)('says when there is no %s', (field) => {
    const { [field]: _, ...rest } = ITEM
    expect(decode(rest).rejections).toMatchObject([{ reason: `${field}_missing` }])
  })
})
