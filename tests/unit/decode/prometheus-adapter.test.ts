import { describe, expect, it } from 'vitest'
import { createDecoder } from '../../../src/decode/create-decoder.ts'
import { encoded } from '../../support/encoded.ts'

/** The example of the adapter's README, as its JSON serialiser writes it. */
const UP =
  '{"timestamp":"1970-01-01T00:00:00Z","value":"9876543210","name":"up","labels":{"__name__":"up","label1":"value1"}}'

const decode = (value: unknown) => createDecoder({ format: 'prometheus-kafka-adapter' }).decode(encoded(value))
const item = (name: string, value: unknown) => ({
  labels: { __name__: name, job: 'a' },
  name,
  timestamp: '2023-11-14T22:13:20Z',
  value,
})

describe('prometheus-kafka-adapter', () => {
  it("reads the adapter's own example", () => {
    expect(decode(UP)).toMatchObject({
      samples: [{ series: { key: 'up{label1="value1"}' }, timestampMs: 0, value: 9_876_543_210, kind: 'unknown' }],
      rejections: [],
    })
  })

  it.each([
    ['http_requests_total', 'cumulative'],
    ['http_request_duration_seconds_bucket', 'cumulative'],
    ['http_request_duration_seconds_count', 'cumulative'],
    ['http_request_duration_seconds_sum', 'cumulative'],
    ['node_load1', 'unknown'],
    ['totals', 'unknown'],
  ])('takes %s for %s by its name', (name, kind) => {
    expect(decode(item(name, '1')).samples).toMatchObject([{ kind }])
  })

  it('reads a stale marker, and refuses infinities and values that are no text', () => {
    expect(decode(item('up', 'NaN')).samples).toMatchObject([{ stale: true }])
    expect(decode(item('up', '+Inf')).rejections).toMatchObject([{ reason: 'value_infinite' }])
    expect(decode(item('up', '-Inf')).rejections).toMatchObject([{ reason: 'value_infinite' }])
    expect(decode(item('up', 1)).rejections).toMatchObject([{ reason: 'value_invalid' }])
    expect(decode(item('up', undefined)).rejections).toMatchObject([{ reason: 'value_missing' }])
  })

  it('takes the name from the labels when it stands nowhere else', () => {
    const { name: _, ...nameless } = item('node_load1', '1')
    expect(decode(nameless).samples).toMatchObject([{ series: { key: 'node_load1{job="a"}' } }])
  })
})
