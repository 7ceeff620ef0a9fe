import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.ts'
import { createDecoder } from '../../../src/decode/create-decoder.ts'
import { encoded, RECORD_MS } from '../../support/encoded.ts'

const reasons = (value: string | Uint8Array | null) => {
  const record = typeof value === 'string' ? encoded(value) : { value, recordTimestampMs: RECORD_MS }
  return createDecoder()
    .decode(record)
    .rejections.map(({ reason }) => reason)
}

const text = (timestamp: unknown, value: unknown) =>
  `{"name":"cpu","labels":{"host":"ä"},"timestamp":${timestamp},"value":${value}}`

describe('JsonDecoder', () => {
  it.each([
    [null, 'empty_record'],
    ['', 'empty_record'],
    [' \n', 'empty_record'],
    [Uint8Array.of(0xff, 0xfe), 'not_utf8'],
    ['{"name":"cpu",', 'not_json'],
    ['cpu,host=a value=1 1700000000000000000', 'not_json'],
    ['[', 'not_json'],
    ['7', 'wrong_shape'],
    ['null', 'wrong_shape'],
    ['{"resourceMetrics":[]}', 'wrong_shape'],
    ['[[]]', 'wrong_shape'],
  ])('refuses %j as %s', (value, reason) => {
    expect(reasons(value)).toEqual([reason])
  })

  it('names the keys of a shape that it does not know', () => {
    const { rejections } = createDecoder().decode(encoded({ metric: 'cpu', val: 1 }))
    expect(rejections[0]?.detail).toContain('metric, val')
    expect(rejections[0]?.detail).toContain('"timestamp"')
  })

  it('takes none of too many samples, so that the dead letter can be replayed whole', () => {
    const items = Array.from({ length: LIMITS.samplesPerRecord + 1 }, () => 0)
    expect(reasons(JSON.stringify(items))).toEqual(['too_many_samples'])
  })

  it('survives nesting as deep as a record is long', () => {
    expect(reasons('['.repeat(1_000_000))).toEqual(['not_json'])
    expect(reasons(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toEqual(['wrong_shape'])
  })

  it('decodes a known head without parsing it, to what a fresh decoder gives', () => {
    const decoder = createDecoder()
    decoder.decode(encoded(text(RECORD_MS, 1)))
    for (const value of [
      '-0',
      '1.5e3',
      '1e999',
      '"NaN"',
      '"2.5"',
      '"x"',
      '01',
      '.5',
      '1e',
      'true',
      'null',
      '"\\u0031"',
    ]) {
      for (const timestamp of [RECORD_MS + 1, '"2023-11-14T22:13:20Z"', '01', 1.5, '1700000000', '"soon"', 'null']) {
        const record = encoded(text(timestamp, value))
        expect(decoder.decode(record), text(timestamp, value)).toEqual(createDecoder().decode(record))
      }
    }
  })

  it('does not mistake the end of a text for the end of a record', () => {
    const decoder = createDecoder()
    const tricks = [
      '{"name":"a","labels":{},"x\\"timestamp":1700000000000,"value":2}',
      '{"timestamp":1700000000000,"name":"a","x\\"timestamp":1700000000000,"value":2}',
      '{"name":"a","labels":{"timestamp":1700000000000,"value":2}}',
      '[{"name":"a","timestamp":1700000000000,"value":2}]',
      '{"name":"a","timestamp":1,"value":1,"timestamp":1700000000000,"value":2}',
    ]
    for (const trick of tricks) {
      for (const time of ['1700000000000', '1700000000001']) {
        const record = encoded(trick.replace(/1700000000000(?=,"value":2)/, time))
        expect(decoder.decode(record), trick).toEqual(createDecoder().decode(record))
      }
    }
  })

  it('keeps shapes apart that differ in the value alone', () => {
    const head = '{"labels":{"__name__":"x_total"},"name":"x_total","timestamp":"2023-11-14T22:13:20Z","value":'
    const decoder = createDecoder()
    const kindOf = (value: string) => decoder.decode(encoded(`${head}${value}}`)).samples[0]?.kind
    expect([kindOf('1'), kindOf('"2"'), kindOf('3'), kindOf('"4"')]).toEqual([
      'unknown',
      'cumulative',
      'unknown',
      'cumulative',
    ])
  })
})
