import { partitionName } from './partition-name.ts'
import type { TopicMeasure, TopicPartition } from './ports.ts'

interface Runner {
  /** Time of the newest record that was let through, or of the next one that waits to be, ms. */
  atMs: number
  /** Nothing is left to read, as far as is known: nobody waits for it. */
  isDone: boolean
}

/**
 * Keeps partitions that are read side by side together in time: of a backlog, whoever is ahead waits for those that
 * have more to read. Only partitions of this process know of each other.
 */
export class PartitionPace {
  readonly #slackMs: number
  readonly #runners = new Map<string, Runner>()

  /** `slackMs`: how far ahead of the slowest a partition may be. */
  constructor(slackMs: number) {
    this.#slackMs = slackMs
  }

  enter(partition: TopicPartition): void {
    this.#runners.set(partitionName(partition), { atMs: Number.NEGATIVE_INFINITY, isDone: false })
  }

  leave(partition: TopicPartition): void {
    this.#runners.delete(partitionName(partition))
  }

  /** What the broker says: a partition without more records holds up nobody. */
  measured({ topic, held }: TopicMeasure): void {
    for (const [partition, { done, end }] of held) {
      const runner = this.#runners.get(partitionName({ topic, partition }))
      if (runner !== undefined) runner.isDone = done >= end
    }
  }

  /** Up to which time records of the partition may go on now. */
  limitOf(partition: TopicPartition): number {
    const own = partitionName(partition)
    let limit = Number.POSITIVE_INFINITY
    for (const [name, { atMs, isDone }] of this.#runners) {
      if (name !== own && !isDone) limit = Math.min(limit, atMs + this.#slackMs)
    }
    return limit
  }

  /** The partition's next record is of this time, or its newest one was. */
  reached(partition: TopicPartition, atMs: number): void {
    const runner = this.#runners.get(partitionName(partition))
    if (runner !== undefined) runner.atMs = Math.max(runner.atMs, atMs)
  }
}
