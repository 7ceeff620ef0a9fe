import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDecoder } from '../../../src/decode/create-decoder.ts'
import { type Decoded, REJECT_REASONS } from '../../../src/decode/decoder.ts'
import { DECODE_FORMATS, TIMESTAMP_UNITS } from '../../../src/decode/options.ts'
import { encoded, RECORD_MS } from '../../support/encoded.ts'

const options = fc.record({
  format: fc.constantFrom(...DECODE_FORMATS),
  timestampUnit: fc.constantFrom(...TIMESTAMP_UNITS),
})

function isSound({ samples, rejections }: Decoded): void {
  for (const { reason, detail } of rejections) {
    expect(REJECT_REASONS).toContain(reason)
    expect(detail.length).toBeLessThan(500)
  }
  for (const sample of samples) {
    expect(Number.isInteger(sample.timestampMs)).toBe(true)
    expect(Number.isFinite(sample.value)).toBe(!sample.stale)
    expect(sample.series.name).not.toBe('')
  }
}

/** What almost is a sample: the right keys with odd values among good ones. */
const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('NaN', '+Inf', '1', '2023-11-14T22:13:20Z', RECORD_MS, -0, 1e308))
const almost = fc.record(
  {
    name: fc.oneof(fc.constantFrom<unknown>('cpu', 'x_total'), odd),
    labels: fc.oneof(fc.dictionary(fc.string({ maxLength: 4 }), odd, { maxKeys: 3 }), odd),
    kind: fc.oneof(fc.constantFrom<unknown>('gauge', 'delta'), odd),
    timestamp: odd,
    value: odd,
  },
  { requiredKeys: [] },
)

const labelText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => !text.includes('\u0000'))
const labelName = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_.:/ -]{0,10}$/)
  .filter((name) => name !== '__name__' && name !== '__proto__')
const metric = fc.record({
  name: fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,20}$/),
  labels: fc.dictionary(labelName, labelText, { maxKeys: 4 }),
  timestamp: fc.integer({ min: 1e11, max: RECORD_MS }),
  value: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
})

describe('decoders', () => {
  it('never throw, and explain themselves, on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), options, (value, given) => {
        const decoded = createDecoder(given).decode({ value, recordTimestampMs: RECORD_MS })
        isSound(decoded)
        expect(
          decoded.samples.length + decoded.rejections.length > 0 || new TextDecoder().decode(value).trim() === '[]',
        ).toBe(true)
      }),
    )
  })

  it('never throw, and explain themselves, on any JSON, whatever came before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(almost, fc.array(almost, { maxLength: 3 }), fc.jsonValue()), { maxLength: 8 }),
        options,
        (values, given) => {
          const decoder = createDecoder(given)
          for (const value of values) {
            const first = decoder.decode(encoded(value))
            isSound(first)
            expect(decoder.decode(encoded(value))).toEqual(first)
            expect(createDecoder(given).decode(encoded(value))).toEqual(first)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('give back what was written', () => {
    fc.assert(
      fc.property(fc.array(metric, { minLength: 1, maxLength: 10 }), (metrics) => {
        const decoder = createDecoder({ format: 'json' })
        const one = metrics.flatMap((item) => decoder.decode(encoded(item)).samples)
        const all = decoder.decode(encoded(metrics)).samples
        expect(all).toEqual(one)
        expect(
          all.map(({ series: { name, labels }, timestampMs, value }) => ({
            name,
            labels,
            timestamp: timestampMs,
            value,
          })),
        ).toEqual(metrics)
        // The same again, now that every head is known.
        expect(metrics.flatMap((item) => decoder.decode(encoded(item)).samples)).toEqual(one)
      }),
    )
  })

  it('give different series different keys', () => {
    fc.assert(
      fc.property(metric, metric, (a, b) => {
        const [one, other] = createDecoder({ format: 'json' }).decode(encoded([a, b])).samples
        const same =
          a.name === b.name &&
          JSON.stringify(Object.entries(a.labels).sort()) === JSON.stringify(Object.entries(b.labels).sort())
        expect(one?.series.key === other?.series.key).toBe(same)
      }),
    )
  })
})
