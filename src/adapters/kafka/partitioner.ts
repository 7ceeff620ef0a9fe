import type { ICustomPartitioner } from 'kafkajs'
import { partitionOfKey } from '../../core/key-hash.ts'

/** Kafka's default: the record's own partition, else its key's, else one after the other. */
export const javaPartitioner: ICustomPartitioner = () => {
  let turn = 0
  return ({ partitionMetadata, message: { key, partition } }) => {
    if (partition !== undefined) return partition
    if (key == null) return turn++ % partitionMetadata.length
    return partitionOfKey(typeof key === 'string' ? Buffer.from(key) : key, partitionMetadata.length)
  }
}
