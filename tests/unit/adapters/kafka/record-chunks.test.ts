import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunkRecords } from '../../../../src/adapters/kafka/record-chunks.ts'
import type { OutputRecord } from '../../../../src/runtime/ports.ts'

describe('records cut into requests', () => {
  it('keep their order within a topic, lose none, and stay below the size unless one record is larger', () => {
    const records = fc.array(
      fc.record({
        topic: fc.constantFrom('scores', 'alarms', 'dead'),
        key: fc.option(fc.string(), { nil: null }),
        value: fc.string({ maxLength: 60 }),
      }),
    )
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 400 }), (all, chunkBytes) => {
        const chunks = [...chunkRecords(all, chunkBytes)]
        for (const topic of ['scores', 'alarms', 'dead']) {
          const sent = chunks.flatMap((chunk) =>
            chunk.filter((part) => part.topic === topic).flatMap((part) => part.messages.map((m) => m.value)),
          )
          expect(sent).toEqual(all.filter((record) => record.topic === topic).map((record) => record.value))
        }
        for (const chunk of chunks) {
          const sizes = chunk.flatMap((part) => part.messages.map((m) => Buffer.byteLength(String(m.value))))
          const bytes = sizes.reduce((sum, size) => sum + size, 0)
          expect(sizes.length === 1 || bytes <= chunkBytes).toBe(true)
        }
      }),
    )
  })

  it('carry everything that a record says, and nothing that it does not', () => {
    const bytes = new Uint8Array([9, 1, 2, 3]).subarray(1)
    const records: OutputRecord[] = [
      { topic: 't', key: 'k', value: bytes, partition: 3, headers: { reason: 'json' }, timestampMs: 1_700_000_000_000 },
      { topic: 't', key: null, value: null },
    ]
    expect([...chunkRecords(records)]).toEqual([
      [
        {
          topic: 't',
          messages: [
            {
              key: 'k',
              value: Buffer.from([1, 2, 3]),
              partition: 3,
              headers: { reason: 'json' },
              timestamp: '1700000000000',
            },
            { key: null, value: null },
          ],
        },
      ],
    ])
  })
})
