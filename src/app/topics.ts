import { createClient } from '../adapters/kafka/client.ts'
import { STATE_TOPIC_CONFIG } from '../adapters/kafka/state-log.ts'
import { ensureTopics, partitionCounts, type TopicSpec } from '../adapters/kafka/topics.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import type { KafkaSettings } from '../config/settings-kafka.ts'
import type { Logger } from '../runtime/logger.ts'
import { requiredConnection } from './kafka-connection.ts'
import { rekeyedTopic } from './rekeyed-source.ts'

/** Scores have many keys and want many partitions; transitions are few and are delivered in one order. */
const SCORES_PARTITIONS = 4

export const TOPIC_ROLES = ['input', 'sorted', 'scores', 'forecasts', 'alarms', 'dead letters', 'state'] as const
export type TopicRole = (typeof TOPIC_ROLES)[number]

export interface PipelineTopic {
  readonly topic: string
  readonly role: TopicRole
  /** Names of the pipelines that use it. */
  readonly pipelines: readonly string[]
  /**
   * With how many partitions it is created when it is missing; null for an input, which is its producers' to create, and
   * for a sorted one whose inputs are not all there: keys would move when it grew.
   */
  readonly partitions: number | null
}

export interface FoundTopic extends PipelineTopic {
  /** null when the brokers do not have it. */
  readonly found: number | null
  readonly created: boolean
}

/** Partitions of the inputs that are there. */
type PartitionCounts = ReadonlyMap<string, number>

/** What these pipelines read and write, each topic once, inputs first. State has as many partitions as its inputs. */
export function pipelineTopics(
  pipelines: readonly PipelineConfig[],
  inputs: PartitionCounts = new Map(),
): readonly PipelineTopic[] {
  const topics = new Map<string, PipelineTopic>()
  const use = (topic: string, role: TopicRole, partitions: number | null, pipeline: string) => {
    // A topic that is one pipeline's output and another one's input is listed as what it was first.
    const known = topics.get(topic) ?? { topic, role, partitions, pipelines: [] }
    const others = known.pipelines.filter((other) => other !== pipeline)
    const most =
      known.partitions === null || partitions === null ? known.partitions : Math.max(known.partitions, partitions)
    topics.set(topic, { ...known, partitions: most, pipelines: [...others, pipeline] })
  }
  for (const { name, source } of pipelines) for (const topic of source.kafka.topics) use(topic, 'input', null, name)
  for (const { name, source, sinks, forecast, checkpoint } of pipelines) {
    const widths = source.kafka.topics.map((input) => inputs.get(input))
    const widest = widths.includes(undefined) ? null : Math.max(...widths.map((width) => width ?? 1))
    if (source.kafka.rekey) use(rekeyedTopic(source.kafka.group), 'sorted', widest, name)
    if (sinks.scores.enabled) use(sinks.scores.topic, 'scores', SCORES_PARTITIONS, name)
    if (forecast !== undefined) use(sinks.forecasts.topic, 'forecasts', 1, name)
    use(sinks.alarms.topic, 'alarms', 1, name)
    use(sinks.deadLetter.topic, 'dead letters', 1, name)
    const { enabled, topic } = checkpoint.changelog
    // Fewer will do for the time being: it grows when a partition needs more.
    if (enabled) use(topic, 'state', Math.max(...widths.map((width) => width ?? 1)), name)
  }
  return [...topics.values()]
}

/** Those of them that Tidegauge creates when they are missing. */
export function ownTopics(
  pipelines: readonly PipelineConfig[],
  inputs: PartitionCounts = new Map(),
): readonly TopicSpec[] {
  return pipelineTopics(pipelines, inputs).flatMap(({ topic, role, partitions }) => {
    if (partitions === null) return []
    return [{ topic, partitions, ...(role === 'state' && { config: STATE_TOPIC_CONFIG }) }]
  })
}

/** Compares the topics with what the brokers have; with `create`, makes those of Tidegauge that are missing. */
export async function findTopics(
  settings: KafkaSettings,
  pipelines: readonly PipelineConfig[],
  options: { readonly create: boolean; readonly logger: Logger },
): Promise<readonly FoundTopic[]> {
  const kafka = createClient(requiredConnection(settings), options.logger)
  const names = pipelineTopics(pipelines).map(({ topic }) => topic)
  const before = await partitionCounts(kafka, names)
  const wanted = pipelineTopics(pipelines, before)
  const missing = ownTopics(pipelines, before).filter(({ topic }) => !before.has(topic))
  if (options.create && missing.length > 0) await ensureTopics(kafka, missing)
  const made = new Map(options.create ? missing.map(({ topic, partitions }) => [topic, partitions]) : [])
  return wanted.map((topic) => ({
    ...topic,
    found: before.get(topic.topic) ?? made.get(topic.topic) ?? null,
    created: made.has(topic.topic),
  }))
}
