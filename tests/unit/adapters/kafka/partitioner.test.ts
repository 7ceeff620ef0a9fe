import fc from 'fast-check'
import kafkajs, { type Message, type PartitionMetadata } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { javaPartitioner, murmur2, partitionOfKey } from '../../../../src/adapters/kafka/partitioner.ts'

const metadata = (partitions: number) =>
  Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1 }) as PartitionMetadata)

const choose = (message: Message, partitions: number, partitioner = javaPartitioner) =>
  partitioner()({ topic: 't', partitionMetadata: metadata(partitions), message })

describe('the partition of a record', () => {
  // The cases of Apache Kafka's own UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as the Java client does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash)
  })

  it("is the client's own for any key", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 100 }), (key, partitions) => {
        const theirs = choose({ key, value: null }, partitions, kafkajs.Partitioners.DefaultPartitioner)
        expect(choose({ key, value: null }, partitions)).toBe(theirs)
        expect(partitionOfKey(Buffer.from(key), partitions)).toBe(theirs)
      }),
    )
  })

  it('is the one that the record names, else one after the other', () => {
    expect(choose({ key: 'k', value: null, partition: 7 }, 9)).toBe(7)
    const next = javaPartitioner()
    const without = { topic: 't', partitionMetadata: metadata(3), message: { key: null, value: null } }
    expect(Array.from({ length: 4 }, () => next(without))).toEqual([0, 1, 2, 0])
  })
})
