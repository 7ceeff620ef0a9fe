import type { ICustomPartitioner } from 'kafkajs'

const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995

/**
 * MurmurHash2 of a key, 32 bits, as Kafka's Java client computes it: records of one key must go to the same partition
 * whoever writes them. (The client's own is the same in 64-bit objects, an order of magnitude slower.)
 */
export function murmur2(key: Uint8Array): number {
  const { length } = key
  const view = new DataView(key.buffer, key.byteOffset, length)
  let hash = SEED ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    const block = Math.imul(view.getInt32(at, true), MULTIPLIER)
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(block ^ (block >>> 24), MULTIPLIER)
  }
  if (at < length) {
    for (let i = length - 1; i >= at; i--) hash ^= view.getUint8(i) << (8 * (i - at))
    hash = Math.imul(hash, MULTIPLIER)
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER)
  return hash ^ (hash >>> 15)
}

/** The partition of a key among `partitions`. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}

/** Kafka's default: the record's own partition, else its key's, else one after the other. */
export const javaPartitioner: ICustomPartitioner = () => {
  let turn = 0
  return ({ partitionMetadata, message: { key, partition } }) => {
    if (partition !== undefined) return partition
    if (key == null) return turn++ % partitionMetadata.length
    return partitionOfKey(typeof key === 'string' ? Buffer.from(key) : key, partitionMetadata.length)
  }
}
