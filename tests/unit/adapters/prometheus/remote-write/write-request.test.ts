import { describe, expect, it } from 'vitest'
import { encodeLabels, encodeWriteRequest } from '../../../../../src/adapters/prometheus/remote-write/write-request.ts'
import { readWriteRequest } from '../../../../support/write-requests.ts'

const AT = Date.UTC(2026, 2, 2)

describe('a write request', () => {
  it('is read by the published schema as it was meant', () => {
    const labels = encodeLabels({ host: 'a"\\\n🌊', __name__: 'up', Zone: 'x', _under: '1', empty: '' })
    const samples = [
      { labels, timestampMs: AT, value: 1.5 },
      { labels, timestampMs: AT + 60_000, value: -0 },
      { labels: encodeLabels({ __name__: 'down' }), timestampMs: 0, value: Number.NEGATIVE_INFINITY },
    ]
    expect(readWriteRequest(encodeWriteRequest(samples))).toEqual([
      {
        labels: { Zone: 'x', __name__: 'up', _under: '1', host: 'a"\\\n🌊' },
        // By bytes: capitals, the underscore, small letters. Receivers refuse another order.
        names: ['Zone', '__name__', '_under', 'host'],
        timestampMs: AT,
        value: 1.5,
      },
      expect.objectContaining({ timestampMs: AT + 60_000, value: -0 }),
      expect.objectContaining({ labels: { __name__: 'down' }, timestampMs: 0, value: Number.NEGATIVE_INFINITY }),
    ])
  })

  it("ends a series with the very bits of Prometheus' stale marker", () => {
    const bytes = Buffer.from(encodeWriteRequest([{ labels: new Uint8Array(0), timestampMs: 1, value: undefined }]))
    const marker = Buffer.alloc(8)
    marker.writeBigUInt64LE(0x7ff0000000000002n)
    expect(bytes.includes(marker)).toBe(true)
    expect(readWriteRequest(bytes)).toMatchObject([{ timestampMs: 1, value: Number.NaN }])
  })

  it('without samples is empty', () => {
    expect(encodeWriteRequest([])).toHaveLength(0)
  })
})
