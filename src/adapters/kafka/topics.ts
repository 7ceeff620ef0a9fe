import kafkajs, { type Kafka } from 'kafkajs'
import { kafkaError } from './failure.ts'

const { ConfigResourceTypes } = kafkajs

export interface TopicSpec {
  readonly topic: string
  readonly partitions: number
  /** The broker's default when absent. */
  readonly replicationFactor?: number
  /** Such as `{ 'cleanup.policy': 'compact' }`. */
  readonly config?: Readonly<Record<string, string>>
}

export const TOPIC_OUTCOMES = ['created', 'present', 'other_partitions', 'other_config'] as const
export type TopicOutcome = (typeof TOPIC_OUTCOMES)[number]

export interface EnsuredTopic {
  readonly topic: string
  readonly outcome: TopicOutcome
  /** What is different from the spec, for a person. */
  readonly detail: string
}

/**
 * Creates the topics that are missing. One that is there stays as it is: its owner may have had reasons; what differs
 * from the spec is said.
 */
export async function ensureTopics(kafka: Kafka, specs: readonly TopicSpec[]): Promise<readonly EnsuredTopic[]> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    const existing = new Set(await admin.listTopics())
    const missing = specs.filter((spec) => !existing.has(spec.topic))
    // false when another process was faster.
    if (missing.length > 0) await admin.createTopics({ topics: missing.map(toCreation), waitForLeaders: true })
    const created = new Set(missing.map((spec) => spec.topic))
    const present = specs.filter((spec) => !created.has(spec.topic))
    const compared = await Promise.all(present.map((spec) => compare(admin, spec)))
    return [...missing.map(({ topic }) => ({ topic, outcome: 'created' as const, detail: '' })), ...compared]
  } catch (error) {
    throw kafkaError(error, specs.map((spec) => spec.topic).join(', '))
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** How many partitions each of these topics has; one that is not there is left out. */
export async function partitionCounts(kafka: Kafka, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    const existing = new Set(await admin.listTopics())
    const present = topics.filter((topic) => existing.has(topic))
    if (present.length === 0) return new Map()
    const metadata = await admin.fetchTopicMetadata({ topics: present })
    return new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]))
  } catch (error) {
    throw kafkaError(error, topics.join(', '))
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** Deletes topics that were made for a while, such as a demo's input; one that is not there is no error. */
export async function deleteTopics(kafka: Kafka, topics: readonly string[]): Promise<void> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    const existing = new Set(await admin.listTopics())
    await admin.deleteTopics({ topics: topics.filter((topic) => existing.has(topic)) })
  } catch (error) {
    throw kafkaError(error, topics.join(', '))
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** Removes a group that commits nothing; brokers forget one by themselves, if not at once. Never rejects. */
export async function deleteGroup(kafka: Kafka, group: string): Promise<void> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    await admin.deleteGroups([group])
  } catch {
    // It is gone already, or deleting is not allowed.
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** Gives a topic so many partitions; one that has them, because another process was faster, is no error. */
export async function growTopic(kafka: Kafka, topic: string, partitions: number): Promise<void> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] })
  } catch (error) {
    const found = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => undefined)
    if ((found?.topics[0]?.partitions.length ?? 0) < partitions) throw kafkaError(error, topic)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

function toCreation({ topic, partitions, replicationFactor, config }: TopicSpec) {
  return {
    topic,
    numPartitions: partitions,
    replicationFactor: replicationFactor ?? -1,
    configEntries: Object.entries(config ?? {}).map(([name, value]) => ({ name, value })),
  }
}

async function compare(admin: ReturnType<Kafka['admin']>, spec: TopicSpec): Promise<EnsuredTopic> {
  const { topic, partitions, config = {} } = spec
  const metadata = await admin.fetchTopicMetadata({ topics: [topic] })
  const found = metadata.topics[0]?.partitions.length ?? 0
  if (found !== partitions) {
    return { topic, outcome: 'other_partitions', detail: `${found} partitions, not ${partitions}` }
  }
  const names = Object.keys(config)
  if (names.length === 0) return { topic, outcome: 'present', detail: '' }
  const described = await admin.describeConfigs({
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: names }],
    includeSynonyms: false,
  })
  const values = new Map(described.resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]))
  const different = names.filter((name) => values.get(name) !== config[name])
  if (different.length === 0) return { topic, outcome: 'present', detail: '' }
  const detail = different.map((name) => `${name} is ${values.get(name)}, not ${config[name]}`).join('; ')
  return { topic, outcome: 'other_config', detail }
}
