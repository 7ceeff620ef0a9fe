import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { registerCodecs } from '../../../../src/adapters/kafka/codecs.ts'
import { decodeFetchedBatches } from '../../../../src/adapters/kafka/fetch-response.ts'

const require = createRequire(import.meta.url)
const DECODE_MESSAGES = 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js'
type Decode = (decoder: object) => Promise<readonly Record<string, unknown>[]>
interface Encoder {
  readonly buffer: Buffer
}

const NewDecoder = require('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => { readonly offset: number }
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch: (fields: object) => Promise<Encoder>
}
const newRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (fields: object) => Encoder

registerCodecs()
/** The client's own, as it is before anything was exchanged. */
const theirs = require(DECODE_MESSAGES) as Decode
decodeFetchedBatches()
const ours = require(DECODE_MESSAGES) as Decode

/** A broker sends one whole batch at least; what is cut off is a later one. */
const HEAD_BYTES = 61

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
const record = fc.record({
  timestampDelta: fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.integer({ min: -(10 ** 12), max: 10 ** 12 })),
  key: fc.option(bytes),
  value: fc.option(bytes),
  // The client takes what every object has, such as `toString`, for a header that came before.
  headers: fc.dictionary(
    fc.string({ unit: 'grapheme' }).map((name) => `h-${name}`),
    fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })),
  ),
})
const batch = fc.record({
  firstOffset: fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 52n })).map(String),
  firstTimestamp: fc.integer({ min: 0, max: 2 * 10 ** 12 }).map(String),
  maxTimestamp: fc.integer({ min: 0, max: 2 * 10 ** 12 }).map(String),
  compression: fc.constantFrom(0, 1, 2, 3),
  transactional: fc.boolean(),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 60n }).map(String),
  producerEpoch: fc.nat({ max: 30_000 }),
  firstSequence: fc.nat(),
  records: fc.array(record, { maxLength: 6 }),
  /** Bits of the attributes that no producer sets: appended at, control. */
  marks: fc.constantFrom(0, 0x08, 0x20, 0x28),
  /** Compaction leaves gaps. */
  gap: fc.nat({ max: 300 }),
})

type Batch = typeof batch extends fc.Arbitrary<infer T> ? T : never

async function encodedBatch({ records, marks, gap, ...fields }: Batch): Promise<Buffer> {
  const encodedRecords = records.map((each, i) => newRecord({ ...each, offsetDelta: i * (gap + 1) }))
  const lastOffsetDelta = records.length * (gap + 1)
  const { buffer } = await RecordBatch({ ...fields, records: encodedRecords, lastOffsetDelta })
  const copy = Buffer.from(buffer)
  copy[22] = (copy[22] ?? 0) | marks
  return copy
}

async function decodedBy(decode: Decode, answer: Buffer) {
  const decoder = new NewDecoder(answer)
  return { messages: await decode(decoder), offset: decoder.offset }
}

function answerOf(messages: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(messages.length)
  return Buffer.concat([size, messages, Buffer.from('what comes behind')])
}

test('finds what the client finds in the same bytes, wherever they were cut off', async () => {
  expect(ours).not.toBe(theirs)
  const cut = fc.double({ min: 0, max: 1, noNaN: true })
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), cut, async (batches, share) => {
      const whole = Buffer.concat(await Promise.all(batches.map(encodedBatch)))
      for (const messages of [whole, whole.subarray(0, Math.max(HEAD_BYTES, Math.floor(whole.length * share)))]) {
        const [own, their] = [await decodedBy(ours, answerOf(messages)), await decodedBy(theirs, answerOf(messages))]
        expect(own.messages).toEqual(their.messages)
        if (messages === whole) expect(own.offset).toBe(their.offset)
      }
    }),
    { numRuns: 300 },
  )
})

test('nothing is in an answer without messages', async () => {
  expect((await decodedBy(ours, answerOf(Buffer.alloc(0)))).messages).toEqual([])
})
