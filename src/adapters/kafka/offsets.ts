import type { Admin } from 'kafkajs'
import { TidegaugeError } from '../../core/errors.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { CommittedOffset, StartPosition, TopicPartition } from '../../runtime/ports.ts'
import { type Attempt, type RetryPolicy, retry, timerSleep } from '../../runtime/retry.ts'
import { kafkaError } from './failure.ts'

/** The offsets that a partition's log holds now. */
export interface LogBounds {
  /** The oldest record's; later than 0 once retention has removed some. */
  readonly start: bigint
  /** The next record's. */
  readonly end: bigint
}

/** Asks the broker about offsets. */
export class OffsetQueries {
  readonly #admin: Admin
  readonly #group: string

  constructor(admin: Admin, group: string) {
    this.#admin = admin
    this.#group = group
  }

  /** Rejects with TOPIC_MISSING naming those of the topics that do not exist. */
  async requireTopics(topics: readonly string[]): Promise<void> {
    const existing = new Set(await asked('topics', () => this.#admin.listTopics()))
    const missing = topics.filter((topic) => !existing.has(topic))
    if (missing.length === 0) return
    throw new TidegaugeError('TOPIC_MISSING', `no such topic: ${missing.join(', ')}`, {
      hint: 'create it, or correct its name in the pipeline; reading begins as soon as it is there',
    })
  }

  /** What the group has committed, undefined when nothing. */
  async committed({ topic, partition }: TopicPartition): Promise<CommittedOffset | undefined> {
    const answer = await asked(topic, () => this.#admin.fetchOffsets({ groupId: this.#group, topics: [topic] }))
    const found = answer[0]?.partitions.find((entry) => entry.partition === partition)
    // The broker says -1 for "none".
    if (found === undefined || BigInt(found.offset) < 0n) return undefined
    return { offset: BigInt(found.offset), metadata: found.metadata ?? '' }
  }

  async bounds({ topic, partition }: TopicPartition): Promise<LogBounds> {
    const found = (await asked(topic, () => this.#admin.fetchTopicOffsets(topic))).find(
      (entry) => entry.partition === partition,
    )
    if (found === undefined) throw new TidegaugeError('TOPIC_MISSING', 'no such partition', { where: topic })
    return { start: BigInt(found.low), end: BigInt(found.high) }
  }

  /** The offset after the newest record of every partition of a topic. */
  async ends(topic: string): Promise<ReadonlyMap<number, bigint>> {
    const offsets = await asked(topic, () => this.#admin.fetchTopicOffsets(topic))
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]))
  }

  /** The offset that a position means now. It may lie before the log's start: the caller decides what that means. */
  async resolve(partition: TopicPartition, position: StartPosition, bounds: LogBounds): Promise<bigint> {
    switch (position.kind) {
      case 'offset':
        return position.offset
      case 'earliest':
        return bounds.start
      case 'latest':
        return bounds.end
      case 'time': {
        const { topic } = partition
        const answer = await asked(topic, () => this.#admin.fetchTopicOffsetsByTimestamp(topic, position.timestampMs))
        const found = answer.find((entry) => entry.partition === partition.partition)
        // No record is that young: begin with the next one.
        return found === undefined || BigInt(found.offset) < 0n ? bounds.end : BigInt(found.offset)
      }
    }
  }
}

/** A coordinator that is being elected or still loads answers in a moment. */
const PATIENCE: RetryPolicy = { attempts: 6, baseMs: 100, maxMs: 1_000, retryAfterMaxMs: 0 }

type Answer<T> = Result<T, TidegaugeError>

async function asked<T>(where: string, ask: () => Promise<T>): Promise<T> {
  const attempt = async (): Promise<Attempt<Answer<T>>> => {
    try {
      return { again: false, value: ok(await ask()) }
    } catch (thrown) {
      const error = kafkaError(thrown, where)
      return { again: error.code === 'BROKER_UNREACHABLE', value: err(error) }
    }
  }
  const { value } = await retry(attempt, PATIENCE, { random: Math.random, sleep: timerSleep })
  if (value?.ok) return value.value
  throw value?.error ?? new TidegaugeError('INTERNAL', 'nothing was asked', { where })
}
