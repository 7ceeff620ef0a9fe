import { join } from 'node:path'
import { JsonlSinks } from '../adapters/disk/jsonl-sink.ts'
import { followSegments } from '../adapters/disk/segments.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import type { ProcessSettings } from '../config/settings.ts'
import { asTidegaugeError, type TidegaugeError } from '../core/errors.ts'
import { FeedSource } from '../runtime/feed-source.ts'
import type { Logger } from '../runtime/logger.ts'
import type { OutputRecord, PartitionConsumer, RecordSource, TopicPartition } from '../runtime/ports.ts'
import type { Backend } from './backend.ts'
import { loopsHere } from './loop-host.ts'
import { diskModels } from './model-store.ts'

/** The one partition that a pipeline without a broker has. */
const FEED: TopicPartition = { topic: 'feed', partition: 0 }

export interface EmbeddedBackend extends Backend {
  /** The feed of a pipeline, to be written to once the pipeline has started. */
  feed(pipeline: string): FeedSource | undefined
}

type EmbeddedSettings = Pick<ProcessSettings, 'stateDir' | 'outputLimitBytes'>

/**
 * Runs without a broker: records are fed by the process itself; results, offsets, notifications and models are files
 * under the state directory. The tasks are the same, so are their results.
 */
export function embeddedBackend(settings: EmbeddedSettings, source: string, logger: Logger): EmbeddedBackend {
  const { stateDir, outputLimitBytes } = settings
  const sinks = new JsonlSinks(embeddedFolder(stateDir), outputLimitBytes)
  const feeds = new Map<string, FeedSource>()
  return {
    sinks,
    loops: loopsHere(sinks, stateDir, logger),
    describe: () => source,
    prepare: async () => {},
    records: (pipeline) => {
      const committed = () => sinks.fetchCommitted(pipeline.source.kafka.group, FEED)
      const feed = new FeedSource(FEED, committed)
      feeds.set(pipeline.name, feed)
      return feed
    },
    alarms: (pipeline, { failed }) => new AlarmsFile(sinks, pipeline, { failed, logger }),
    writeDown: (records, writer) => writeDown(sinks, records, writer),
    feed: (pipeline) => feeds.get(pipeline),
    models: async () => diskModels(stateDir),
    close: async () => {},
  }
}

/** The id of the sink of a pipeline's task, as the partition loop makes it. */
const sinkIdOf = (pipeline: string) => `tidegauge.${pipeline}.${FEED.topic}.${FEED.partition}`

async function writeDown(sinks: JsonlSinks, records: readonly OutputRecord[], writer: string): Promise<void> {
  const sink = await sinks.open(`tidegauge.${writer}`, 'tidegauge')
  try {
    await sink.commit({ records, offsets: [] })
  } finally {
    await sink.close()
  }
}

interface AlarmsFilePorts {
  readonly failed: (error: TidegaugeError) => void
  readonly logger: Logger
}

/** The alarms that the pipeline's task has written, as a source that follows the file. */
class AlarmsFile implements RecordSource {
  readonly #feed: FeedSource
  readonly #path: string
  readonly #ports: AlarmsFilePorts
  readonly #stopping = new AbortController()
  #reading: Promise<void> = Promise.resolve()

  constructor(sinks: JsonlSinks, pipeline: PipelineConfig, ports: AlarmsFilePorts) {
    const topic = pipeline.sinks.alarms.topic
    const group = `${pipeline.source.kafka.group}-notifier`
    const partition = { topic, partition: 0 }
    this.#feed = new FeedSource(partition, () => sinks.fetchCommitted(group, partition))
    this.#path = sinks.outputPath(topic, sinkIdOf(pipeline.name))
    this.#ports = ports
  }

  async start(topics: readonly string[], consumer: PartitionConsumer): Promise<void> {
    await this.#feed.start(topics, consumer)
    this.#reading = this.#read().catch((thrown: unknown) => this.#ports.failed(asTidegaugeError(thrown)))
  }

  async #read(): Promise<void> {
    const { signal } = this.#stopping
    const lost = (events: number) =>
      this.#ports.logger.error('alarm events were removed before they were delivered: raise the output limit', {
        events,
        file: this.#path,
      })
    for await (const lines of followSegments(this.#path, { skip: this.#feed.position, signal, lost })) {
      await this.#feed.push(lines.map((value) => ({ value, timestampMs: 0 })))
    }
  }

  pause(): void {}

  resume(): void {}

  hasReadAll(): Promise<boolean> {
    return this.#feed.hasReadAll()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#reading
    await this.#feed.stop()
  }
}

/** Where an embedded process keeps its results. */
export const embeddedFolder = (stateDir: string) => join(stateDir, 'embedded')
