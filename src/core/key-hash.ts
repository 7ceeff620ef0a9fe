/**
 * How producers choose a partition by a record's key. Kafka leaves it to them, and they do not agree; whoever has the
 * key and the partition can tell which of them it was.
 */

const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995

/**
 * MurmurHash2 of a key, 32 bits, as Kafka's Java client computes it: records of one key must go to the same partition
 * whoever writes them. (kafkajs's own is the same in 64-bit objects, an order of magnitude slower.)
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

/**
 * What kafkajs computed before 2.0, and still does with its LegacyPartitioner: the same steps in floating point, which
 * loses low bits, and one block more, past the end of a key whose length is no multiple of four.
 */
export function legacyMurmur2(key: Uint8Array): number {
  const { length } = key
  const byte = (i: number) => key[i] ?? 0
  let hash = SEED ^ length
  for (let at = 0; at < length; at += 4) {
    let block = byte(at) + (byte(at + 1) << 8) + (byte(at + 2) << 16) + (byte(at + 3) << 24)
    block *= MULTIPLIER
    block ^= block >>> 24
    block *= MULTIPLIER
    hash *= MULTIPLIER
    hash ^= block
  }
  const tail = length & ~3
  if (tail < length) {
    for (let i = length - 1; i >= tail; i--) hash ^= byte(i) << (8 * (i - tail))
    hash *= MULTIPLIER
  }
  hash ^= hash >>> 13
  hash *= MULTIPLIER
  return hash ^ (hash >>> 15)
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  return c
})

/** CRC-32 as in zlib: what librdkafka chooses by unless told otherwise. */
export function crc32(key: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of key) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** FNV-1a over bytes, 32 bits: what Sarama, and kafka-go's Hash balancer, choose by. */
export function fnv1aBytes(key: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of key) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** Partitioners that can be told from a key and its partition; the Java client's, which all can be set to, first. */
export const KEY_PARTITIONERS = ['murmur2', 'crc32', 'fnv1a', 'kafkajs_legacy'] as const
export type KeyPartitioner = (typeof KEY_PARTITIONERS)[number]

/** One number for each of KEY_PARTITIONERS, 0 or more: its remainder by the number of partitions is the partition. */
export function keyHashes(key: Uint8Array): readonly number[] {
  // Sarama takes the remainder of the signed hash, and drops the sign of that.
  const signed = Math.abs(fnv1aBytes(key) | 0)
  return [murmur2(key) & 0x7fffffff, crc32(key), signed, legacyMurmur2(key) & 0x7fffffff]
}

/** The partition of a key among `partitions`, as the Java client chooses it. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}
