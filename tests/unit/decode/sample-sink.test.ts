import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.ts'
import { resolveDecodeOptions } from '../../../src/decode/options.ts'
import { bytesProblem, type RawSample, SampleSink } from '../../../src/decode/sample-sink.ts'
import { encoded, RECORD_MS } from '../../support/encoded.ts'

const RAW: RawSample = { name: 'up', labels: { job: 'a' }, timestamp: RECORD_MS, value: 1, kind: undefined }

function decode(raw: Partial<RawSample>, recordTimestampMs = RECORD_MS) {
  const sink = new SampleSink(resolveDecodeOptions())
  sink.begin(encoded('', recordTimestampMs))
  sink.add({ ...RAW, ...raw })
  return sink.finish()
}

describe('SampleSink', () => {
  it.each([
    [12.5, 12.5],
    ['9876543210', 9_876_543_210],
    ['-1.5e-3', -0.0015],
    ['+.5', 0.5],
    ['5.', 5],
    [-0, -0],
  ])('takes the value %j', (value, expected) => {
    expect(decode({ value }).samples).toMatchObject([{ value: expected, stale: false }])
  })

  it.each([
    [Number.POSITIVE_INFINITY, 'value_infinite'],
    ['+Inf', 'value_infinite'],
    ['-Inf', 'value_infinite'],
    ['1e999', 'value_infinite'],
    [undefined, 'value_missing'],
    [null, 'value_missing'],
    ['', 'value_invalid'],
    [' 1', 'value_invalid'],
    ['0x10', 'value_invalid'],
    ['twelve', 'value_invalid'],
    [true, 'value_invalid'],
    [[1], 'value_invalid'],
  ])('refuses the value %j as %s, naming the series', (value, reason) => {
    const { samples, rejections } = decode({ value })
    expect(samples).toEqual([])
    expect(rejections).toMatchObject([{ reason, detail: expect.stringContaining('up{job="a"}') }])
  })

  it('takes NaN for a stale marker', () => {
    expect(decode({ value: 'NaN' }).samples).toMatchObject([{ value: Number.NaN, stale: true }])
  })

  it('refuses a time too far after its record, and says what to do', () => {
    expect(decode({ timestamp: RECORD_MS + 600_000 }).samples).toHaveLength(1)
    const { rejections } = decode({ timestamp: RECORD_MS + 600_001 })
    expect(rejections[0]?.reason).toBe('timestamp_future')
    expect(rejections[0]?.detail).toContain('600001 ms after')
    expect(rejections[0]?.detail).toContain('decode.maxFutureMs')
  })

  it('has no opinion on the future when the record has no time', () => {
    expect(decode({ timestamp: RECORD_MS * 2 }, -1).samples).toHaveLength(1)
  })

  it('keeps a detail to a line, whatever came', () => {
    const { rejections } = decode({ value: 'x'.repeat(100_000), labels: { job: 'y'.repeat(1_000) } })
    expect(rejections[0]?.detail.length).toBeLessThan(300)
  })
})

describe('bytesProblem', () => {
  it('names what cannot be read at all', () => {
    expect(bytesProblem(null)).toMatchObject({ reason: 'empty_record' })
    expect(bytesProblem(new Uint8Array())).toMatchObject({ reason: 'empty_record' })
    expect(bytesProblem(new Uint8Array(LIMITS.recordBytes + 1))).toMatchObject({ reason: 'record_too_large' })
    expect(bytesProblem(new Uint8Array(LIMITS.recordBytes))).toBeUndefined()
  })
})
