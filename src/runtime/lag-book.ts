import { partitionName } from './partition-name.ts'
import type { TopicMeasure, TopicPartition } from './ports.ts'

interface Place {
  /** Next offset to read; undefined until the task has said so. */
  position: bigint | undefined
  /** As the source knows it: the offset up to which records were handed over and done with. */
  done: bigint
  /** The offset after the newest record. */
  end: bigint
}

/**
 * How far behind one pipeline's partitions are. A task knows the end of its log from when its records were fetched; the
 * source asks the broker every few seconds. The later of the two counts, so a partition that is not fetched, because it
 * is slow, falls behind visibly.
 */
export class LagBook {
  readonly #places = new Map<string, Place>()

  /** A task stands at `position`, and there were `lag` more records when it last fetched. */
  progressed(partition: TopicPartition, position: bigint, lag: number): void {
    const end = position + BigInt(lag)
    const known = this.#places.get(partitionName(partition))
    this.#places.set(partitionName(partition), {
      position,
      done: known?.done ?? position,
      end: known !== undefined && known.end > end ? known.end : end,
    })
  }

  /** Replaces what was known of the ends; topics that no task reads itself, such as one to be sorted first, count too. */
  measured({ topic, held }: TopicMeasure): void {
    for (const [partition, { done, end }] of held) {
      const name = partitionName({ topic, partition })
      this.#places.set(name, { position: this.#places.get(name)?.position, done, end })
    }
    for (const name of [...this.#places.keys()]) {
      const cut = name.lastIndexOf('-')
      if (name.slice(0, cut) === topic && !held.has(Number(name.slice(cut + 1)))) this.#places.delete(name)
    }
  }

  closed(partition: TopicPartition): void {
    this.#places.delete(partitionName(partition))
  }

  /** Records of the partition that were not read. */
  of(partition: TopicPartition): number {
    return lagOf(this.#places.get(partitionName(partition)))
  }

  get total(): number {
    return [...this.#places.values()].reduce((sum, place) => sum + lagOf(place), 0)
  }
}

function lagOf(place: Place | undefined): number {
  if (place === undefined) return 0
  const lag = place.end - (place.position ?? place.done)
  return lag > 0n ? Number(lag) : 0
}
