import { expect, it } from 'vitest'
import { buffersOf, packBatch, unpackBatch } from '../../../../src/adapters/threads/record-batch.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

const batch = {
  topic: 'in',
  partition: 3,
  endOffset: 9_007_199_254_740_995n,
  records: [
    { offset: 9_007_199_254_740_993n, timestampMs: 1.5, key: bytes('k'), value: bytes('value') },
    { offset: 9_007_199_254_740_994n, timestampMs: 2, key: null, value: null },
    { offset: 9_007_199_254_740_995n, timestampMs: 3, key: bytes(''), value: bytes('') },
  ],
}

it('gives back what was packed: absent is not empty, and offsets keep all their digits', () => {
  const packed = packBatch(batch)
  const moved = structuredClone(packed, { transfer: buffersOf(packed) })
  expect(packed.bytes.length).toBe(0)
  expect(unpackBatch(moved)).toEqual(batch)
})

it('copies out of the buffer that the records were parts of', () => {
  const whole = bytes('abcdef')
  const packed = packBatch({
    ...batch,
    records: [{ offset: 1n, timestampMs: 0, key: null, value: whole.subarray(2, 4) }],
  })
  structuredClone(packed, { transfer: buffersOf(packed) })
  expect(new TextDecoder().decode(whole)).toBe('abcdef')
})
