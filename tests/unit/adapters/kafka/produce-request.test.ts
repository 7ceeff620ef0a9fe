import { createRequire } from 'node:module'
import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { expect, test } from 'vitest'
import { encodeProducedBatches } from '../../../../src/adapters/kafka/produce-request.ts'

const require = createRequire(import.meta.url)
const REQUEST = 'kafkajs/src/protocol/requests/produce/v7/request.js'
type RequestOf = (request: object) => {
  readonly apiName: string
  readonly apiVersion: number
  readonly expectResponse: () => boolean
  readonly encode: () => Promise<{ readonly buffer: Buffer }>
}

/** The client's own, as it is before anything was exchanged. */
const theirs = require(REQUEST) as RequestOf
encodeProducedBatches()
const ours = require(REQUEST) as RequestOf

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const part = fc.oneof(bytes, fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 70_000 }))
const headerValue = fc.oneof(bytes, fc.string({ unit: 'grapheme' }))
const message = fc.record(
  {
    key: fc.option(part),
    value: fc.option(part),
    headers: fc.dictionary(fc.string(), fc.oneof(headerValue, fc.array(headerValue, { maxLength: 3 }))),
    // As many digits each: the client compares times as text.
    timestamp: fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }).map(String),
  },
  { requiredKeys: ['key', 'value', 'timestamp'] },
)
const request = fc.record({
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(),
  transactionalId: fc.option(fc.string({ unit: 'grapheme', minLength: 1 }), { nil: undefined }),
  producerId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
  producerEpoch: fc.nat({ max: 32_767 }),
  compression: fc.constantFrom(undefined, kafkajs.CompressionTypes.None, kafkajs.CompressionTypes.GZIP),
  topicData: fc.array(
    fc.record({
      topic: fc.string({ unit: 'grapheme', minLength: 1 }),
      partitions: fc.array(
        fc.record({
          partition: fc.nat(),
          firstSequence: fc.nat({ max: 2 ** 31 - 1 }),
          messages: fc.array(message, { minLength: 1, maxLength: 5 }),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
})

test('is byte for byte what the client makes of the same records', async () => {
  expect(ours).not.toBe(theirs)
  await fc.assert(
    fc.asyncProperty(request, async (given) => {
      const [own, their] = [ours(given), theirs(given)]
      expect([own.apiName, own.apiVersion, own.expectResponse()]).toEqual(['Produce', 7, their.expectResponse()])
      expect((await own.encode()).buffer.equals((await their.encode()).buffer)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('a batch of very many records has offsets of more than one byte each', async () => {
  const messages = Array.from({ length: 20_000 }, (_, i) => ({
    value: `v${i}`,
    timestamp: String(1_700_000_000_000 + i),
  }))
  const given = { acks: -1, timeout: 1, topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }] }
  const [own, their] = [await ours(given).encode(), await theirs(given).encode()]
  expect(own.buffer.equals(their.buffer)).toBe(true)
})

test('records without a time of their own have the time of now', async () => {
  const given = {
    acks: -1,
    timeout: 1,
    topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: 'v' }] }] }],
  }
  const before = Date.now()
  const { buffer } = await ours(given).encode()
  const firstMs = Number(buffer.readBigInt64BE(buffer.length - 'v'.length - 7 - 34))
  expect(firstMs).toBeGreaterThanOrEqual(before)
  expect(firstMs).toBeLessThanOrEqual(Date.now())
})
