import fc from 'fast-check'
import kafkajs, { type Message, type PartitionMetadata } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { javaPartitioner } from '../../../../src/adapters/kafka/partitioner.ts'
import { partitionOfKey } from '../../../../src/core/key-hash.ts'

const metadata = (partitions: number) =>
  Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1 }) as PartitionMetadata)

const choose = (message: Message, partitions: number, partitioner = javaPartitioner) =>
  partitioner()({ topic: 't', partitionMetadata: metadata(partitions), message })

describe('the partition of a record', () => {
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
