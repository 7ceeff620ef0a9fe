import fc from 'fast-check'
import kafkajs, { type PartitionMetadata } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { crc32, fnv1aBytes, KEY_PARTITIONERS, keyHashes, legacyMurmur2, murmur2 } from '../../../src/core/key-hash.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('hashes of keys', () => {
  // The cases of Apache Kafka's own UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('murmur2 of %s is that of the Java client', (key, hash) => {
    expect(murmur2(bytes(key))).toBe(hash)
  })

  it('the old murmur2 of kafkajs is what its legacy partitioner chooses by', () => {
    const partitioner = kafkajs.Partitioners.LegacyPartitioner()
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 100 }), (key, partitions) => {
        const partitionMetadata = Array.from(
          { length: partitions },
          (_, partitionId) => ({ partitionId, leader: 1 }) as PartitionMetadata,
        )
        const theirs = partitioner({ topic: 't', partitionMetadata, message: { key, value: null } })
        expect((legacyMurmur2(bytes(key)) & 0x7fffffff) % partitions).toBe(theirs)
      }),
    )
  })

  // The check values of the algorithms' catalogues.
  it('CRC-32 and FNV-1a are those of everyone', () => {
    expect(crc32(bytes('123456789'))).toBe(0xcbf43926)
    expect(fnv1aBytes(bytes('foobar'))).toBe(0xbf9cf968)
    expect(fnv1aBytes(bytes(''))).toBe(0x811c9dc5)
  })

  it('are one number for each partitioner, none of them negative', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (key) => {
        const hashes = keyHashes(key)
        expect(hashes).toHaveLength(KEY_PARTITIONERS.length)
        for (const hash of hashes) expect(hash).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
