import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'

const LOOK_MS = 50

/** Looks at the committed offsets of a group all the time, and remembers when each partition's moved. */
export class CommitWatch {
  readonly #admin: Admin
  readonly #group: string
  readonly #topic: string
  readonly #offsets = new Map<number, string>()
  readonly #moves = new Map<number, number[]>()
  #stopped = false
  #looking: Promise<void> = Promise.resolve()

  constructor(kafka: Kafka, group: string, topic: string) {
    this.#admin = kafka.admin()
    this.#group = group
    this.#topic = topic
  }

  async start(): Promise<void> {
    await this.#admin.connect()
    this.#looking = this.#look()
  }

  async #look(): Promise<void> {
    while (!this.#stopped) {
      // A group that is being formed has no answer.
      const answer = await this.#admin.fetchOffsets({ groupId: this.#group, topics: [this.#topic] }).catch(() => [])
      const now = performance.now()
      for (const { partition, offset } of answer[0]?.partitions ?? []) {
        if (this.#offsets.get(partition) === offset) continue
        this.#offsets.set(partition, offset)
        const moves = this.#moves.get(partition) ?? []
        moves.push(now)
        this.#moves.set(partition, moves)
      }
      await sleep(LOOK_MS)
    }
  }

  /** The longest time without a commit that began or ended between two instants of performance.now(), by partition. */
  longestPauses(from: number, to: number): ReadonlyMap<number, number> {
    const longest = new Map<number, number>()
    for (const [partition, moves] of this.#moves) {
      const before = moves.filter((at) => at < from).at(-1) ?? from
      const times = [before, ...moves.filter((at) => at >= from && at <= to), to]
      longest.set(partition, Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at))))
    }
    return longest
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#looking
    await this.#admin.disconnect()
  }
}
