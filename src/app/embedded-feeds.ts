import { LineSplitter, readLines } from '../adapters/disk/line-reader.ts'
import { toPipelineOptions } from '../config/pipeline-options.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import { createDecoder } from '../decode/create-decoder.ts'
import type { Decoder } from '../decode/decoder.ts'
import type { FedRecord, FeedSource } from '../runtime/feed-source.ts'
import type { PushOutcome, SampleIntake } from '../runtime/views.ts'
import type { App } from './app.ts'
import type { EmbeddedBackend } from './embedded-backend.ts'
import { systemClock } from './system.ts'

/** Where an embedded process gets its records from. */
export interface FeedInput {
  readonly kind: 'file' | 'stdin' | 'push'
  /** Of a file. */
  readonly path: string
  /** Of a file: waits for more at its end. */
  readonly follow: boolean
  /** For people. */
  readonly description: string
  /** Of a file: so many more of its bytes were fed to a pipeline. */
  readonly onFed?: (pipeline: string, bytes: number) => void
}

/** A record of a file has no time of its own: its samples carry theirs, and none of them is held to be in the future. */
const NO_RECORD_TIME = Number.MAX_SAFE_INTEGER

/** Records that may wait for being stepped, over all pushes. */
const WAITING_MAX = 50_000
const START_RETRY_MS = 1_000

/** Feeds one pipeline from a file or standard input to the end, and makes the results durable. */
export async function feedFrom(
  input: FeedInput,
  backend: EmbeddedBackend,
  app: App,
  pipeline: string,
  signal: AbortSignal,
): Promise<void> {
  const feed = backend.feed(pipeline)
  if (feed === undefined) return
  if (input.kind === 'push') {
    await feed.skipToCommitted()
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  const lines = input.kind === 'file' ? fileLines(input, feed, pipeline, signal) : stdinLines(feed)
  for await (const batch of lines) await feed.push(batch.map((value) => ({ value, timestampMs: NO_RECORD_TIME })))
  await app.flush(pipeline)
}

function fileLines({ path, follow, onFed }: FeedInput, feed: FeedSource, pipeline: string, signal: AbortSignal) {
  const onTaken = (bytes: number) => onFed?.(pipeline, bytes)
  return readLines(path, { skip: feed.position, follow, signal, onTaken })
}

async function* stdinLines(feed: FeedSource): AsyncGenerator<readonly Uint8Array[]> {
  await feed.skipToCommitted()
  const splitter = new LineSplitter()
  for await (const chunk of process.stdin) yield splitter.push(chunk as Uint8Array)
  yield splitter.rest()
}

/** Samples pushed over HTTP into embedded pipelines: an answer means that their results are durable. */
export class PushIntake implements SampleIntake {
  readonly #app: App
  readonly #backend: EmbeddedBackend
  /** Only to say what became of each record: the tasks decode for themselves, to the same end. */
  readonly #decoders: ReadonlyMap<string, Decoder>
  #waiting = 0
  #isOpen = false

  constructor(app: App, backend: EmbeddedBackend, pipelines: readonly PipelineConfig[]) {
    this.#app = app
    this.#backend = backend
    this.#decoders = new Map(pipelines.map((config) => [config.name, createDecoder(toPipelineOptions(config).decode)]))
  }

  /** From here on records are taken: every pipeline reads, and goes on after what it has committed. */
  open(): void {
    this.#isOpen = true
  }

  async push(pipeline: string, records: readonly Uint8Array[]): Promise<PushOutcome> {
    const feed = this.#backend.feed(pipeline)
    const decoder = this.#decoders.get(pipeline)
    if (feed === undefined || decoder === undefined) return { kind: 'unknown_pipeline' }
    if (!this.#isOpen) return { kind: 'starting', retryAfterMs: START_RETRY_MS }
    if (this.#waiting + records.length > WAITING_MAX) return { kind: 'busy', retryAfterMs: 1_000 }
    this.#waiting += records.length
    try {
      const timestampMs = systemClock.nowMs()
      await feed.push(records.map((value): FedRecord => ({ value, timestampMs })))
      await this.#app.flush(pipeline)
      const decoded = records.map((value) => decoder.decode({ value, recordTimestampMs: timestampMs }))
      return {
        kind: 'taken',
        samples: decoded.reduce((sum, { samples }) => sum + samples.length, 0),
        rejections: decoded.flatMap(({ rejections }, record) =>
          rejections.map((rejection) => ({ record, ...rejection })),
        ),
      }
    } finally {
      this.#waiting -= records.length
    }
  }
}
