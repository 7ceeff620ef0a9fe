import { describe, expect, it } from 'vitest'
import { createDecoder } from '../../../src/decode/create-decoder.ts'
import { DECODE_FORMATS } from '../../../src/decode/options.ts'
import { encoded, RECORD_MS } from '../../support/encoded.ts'

const OWN = { name: 'x_total', labels: { a: '1' }, timestamp: RECORD_MS, value: 1 }
const ADAPTER = {
  labels: { __name__: 'x_total', a: '1' },
  name: 'x_total',
  timestamp: '2023-11-14T22:13:20Z',
  value: '1',
}

describe('createDecoder', () => {
  it.each(DECODE_FORMATS)('makes the decoder of %s', (format) => {
    expect(createDecoder({ format }).format).toBe(format)
  })

  it('tells formats apart by shape, within one array even', () => {
    const { samples, rejections } = createDecoder({ format: 'auto' }).decode(encoded([OWN, ADAPTER]))
    expect(rejections).toEqual([])
    expect(samples.map(({ kind }) => kind)).toEqual(['unknown', 'cumulative'])
    expect(new Set(samples.map(({ series }) => series.key))).toEqual(new Set(['x_total{a="1"}']))
  })

  it('reads one format only when it is told which', () => {
    const { rejections } = createDecoder({ format: 'prometheus-kafka-adapter' }).decode(encoded(OWN))
    expect(rejections).toMatchObject([{ reason: 'value_invalid' }])
    expect(createDecoder({ format: 'json' }).decode(encoded(ADAPTER)).samples).toMatchObject([{ kind: 'unknown' }])
  })

  it('reads times in the unit that it is told', () => {
    const seconds = encoded({ ...OWN, timestamp: RECORD_MS / 1_000 })
    expect(createDecoder().decode(seconds).rejections).toMatchObject([{ reason: 'timestamp_unit' }])
    expect(createDecoder({ timestampUnit: 's' }).decode(seconds).samples).toMatchObject([{ timestampMs: RECORD_MS }])
    expect(createDecoder({ timestampUnit: 'auto' }).decode(seconds).samples).toMatchObject([{ timestampMs: RECORD_MS }])
  })
})
