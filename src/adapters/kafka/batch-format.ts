/** Kafka's message format 2: a head of fixed size, then the records. */
export const MAGIC = 2
export const HEAD_BYTES = 61
/** Offset and length of a batch: what its length does not count. */
export const PREFIX_BYTES = 12

/** Where the fields of a head stand, in bytes. */
export const AT = {
  firstOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  checksum: 17,
  /** The first that the checksum covers. */
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  firstSequence: 53,
  count: 57,
} as const

/** Bits of a batch's attributes. */
export const ATTRIBUTE = { logAppendTime: 0x8, transactional: 0x10, control: 0x20 } as const
