import { availableParallelism } from 'node:os'
import { type HttpServer, startHttp } from '../adapters/http/server.ts'
import { createLogger } from '../adapters/log/logger.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import type { ProcessSettings } from '../config/settings.ts'
import type { Logger } from '../runtime/logger.ts'
import type { SinkFactory, StateLog } from '../runtime/ports.ts'
import { timerSleep } from '../runtime/retry.ts'
import type { PushOutcome, SampleIntake } from '../runtime/views.ts'
import { App } from './app.ts'
import type { Backend } from './backend.ts'
import { embeddedBackend } from './embedded-backend.ts'
import { type FeedInput, feedFrom, PushIntake } from './embedded-feeds.ts'
import { kafkaBackend } from './kafka-backend.ts'
import { requiredConnection } from './kafka-connection.ts'
import { type LoopHost, loopsHere, loopsInThreads } from './loop-host.ts'
import { VERSION } from './version.ts'

/** How long stopping waits for a start that is under way. */
const START_PATIENCE_MS = 2_000

export interface ProcessOptions {
  readonly settings: ProcessSettings
  readonly pipelines: readonly PipelineConfig[]
  /** Without a broker: where records come from. undefined reads from Kafka. */
  readonly embedded: FeedInput | undefined
  readonly logger: Logger
}

/** A process of Tidegauge that runs: its pipelines, its notifier, its HTTP server. */
export interface RunningProcess {
  readonly app: App
  readonly url: string
  /** Resolves when every pipeline reads, which may take as long as the broker is away. */
  readonly started: Promise<void>
  /** Resolves when a feed that can end has ended and its results are durable. Never, for Kafka. */
  readonly fed: Promise<void>
  /** Embedded: feeds records to a pipeline; their results are durable when it resolves. */
  push(pipeline: string, records: readonly Uint8Array[]): Promise<PushOutcome>
  stop(): Promise<void>
}

/** Wires everything together and begins. HTTP answers at once, so that probes can see a broker being waited for. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { settings, pipelines, logger, embedded } = options
  const stopping = new AbortController()
  const embeddedParts = embedded && embeddedBackend(settings, embedded.description, logger)
  const app = new App({ pipelines, version: VERSION }, logger, (ports): Backend => {
    if (embeddedParts !== undefined) return embeddedParts
    const { sessionTimeoutMs, modelsTopic } = settings.kafka
    const connection = requiredConnection(settings.kafka, ', or run with --embedded')
    const loops = (own: { readonly sinks: SinkFactory; readonly log: StateLog }) => loopHost(settings, own, logger)
    return kafkaBackend(connection, { ...ports, sessionTimeoutMs, modelsTopic, loops, signal: stopping.signal })
  })
  const intake = embeddedParts && new PushIntake(app, embeddedParts, pipelines)
  const http = await listen(settings, app, logger, intake)
  const started = app.start().then(async () => {
    // Before anything is pushed: a record before the committed offset would be taken for one that was seen.
    if (embedded?.kind === 'push')
      await Promise.all(pipelines.map(({ name }) => embeddedParts?.feed(name)?.skipToCommitted()))
    intake?.open()
  })
  const fed = started.then(async () => {
    if (embedded === undefined || embeddedParts === undefined) return new Promise<void>(() => {})
    await Promise.all(pipelines.map(({ name }) => feedFrom(embedded, embeddedParts, app, name, stopping.signal)))
  })
  // Whoever waits for these hears of a failure; nobody has to.
  started.catch(() => {})
  fed.catch(() => {})
  return {
    app,
    url: http.url,
    started,
    fed,
    push: async (pipeline, records) => intake?.push(pipeline, records) ?? { kind: 'not_pushed' },
    stop: async () => {
      stopping.abort()
      await http.stop()
      // A start that still waits for a broker ends when its sources are stopped; one that is nearly done is let finish.
      const patience = new AbortController()
      await Promise.race([started.catch(() => {}), timerSleep(START_PATIENCE_MS, patience.signal)])
      patience.abort()
      await app.stop()
    },
  }
}

function loopHost(
  { kafka, stateDir, taskThreads }: ProcessSettings,
  { sinks, log }: { readonly sinks: SinkFactory; readonly log: StateLog },
  logger: Logger,
): LoopHost {
  const threads = taskThreads ?? availableParallelism()
  return threads === 0 ? loopsHere(sinks, stateDir, logger, log) : loopsInThreads(threads, { kafka, stateDir }, logger)
}

function listen(
  settings: ProcessSettings,
  app: App,
  logger: Logger,
  samples: SampleIntake | undefined,
): Promise<HttpServer> {
  const { host, port, tokens } = settings.http
  return startHttp(
    { host, port, tokens, version: VERSION },
    {
      metrics: app.metrics,
      health: app,
      series: app.series,
      alarms: app.alarms,
      forecasts: app.forecasts,
      pipelines: app,
      feedback: app,
      ...(samples === undefined ? {} : { samples }),
      logger,
      telemetry: app.metrics.telemetry,
    },
  )
}

/** The process's log: for people on a terminal, JSON otherwise; on stderr, so that stdout is a command's own. */
export function processLogger(
  settings: Pick<ProcessSettings, 'logLevel'>,
  write: (lines: string) => void = (line) => process.stderr.write(line),
): Logger {
  const terminal = process.stderr.isTTY === true
  return createLogger({
    level: settings.logLevel,
    format: terminal ? 'human' : 'json',
    colour: terminal && process.env['NO_COLOR'] === undefined,
    write,
  })
}
