import type { TopicPartition } from './ports.ts'

/** A partition in one word, for maps, logs and names: `topic-partition`. */
export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`
