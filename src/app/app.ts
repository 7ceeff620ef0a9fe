import { createPrometheusMetrics, type PrometheusMetrics } from '../adapters/prometheus/prometheus.ts'
import { toPipelineOptions } from '../config/pipeline-options.ts'
import type { PipelineConfig } from '../config/schema/pipeline.ts'
import { asTidegaugeError, type TidegaugeError } from '../core/errors.ts'
import { LIMITS } from '../core/limits.ts'
import { AlarmBoard } from '../runtime/alarm-board.ts'
import type { AlarmConsumer } from '../runtime/alarm-consumer.ts'
import { ConditionLog } from '../runtime/condition-log.ts'
import { ForecastBoard } from '../runtime/forecast-board.ts'
import type { Logger } from '../runtime/logger.ts'
import { ModelCatalog } from '../runtime/model-catalog.ts'
import { ModelFollower } from '../runtime/model-follower.ts'
import { PipelineMonitor } from '../runtime/pipeline-monitor.ts'
import type { PipelineRunner } from '../runtime/pipeline-runner.ts'
import type { TopicPartition } from '../runtime/ports.ts'
import { SeriesBoard } from '../runtime/series-board.ts'
import type { Telemetry } from '../runtime/telemetry.ts'
import type {
  FeedbackIntake,
  FeedbackOutcome,
  FeedbackRequest,
  HealthProblem,
  HealthView,
  PipelineView,
} from '../runtime/views.ts'
import type { Backend, SourceListener } from './backend.ts'
import { steppedTopics } from './forecasting/topic-series.ts'
import { Forecasts } from './forecasts.ts'
import { createAlarmConsumer } from './notifications.ts'
import { createRunner, loopOptionsOf } from './pipeline.ts'
import { createRemoteWrite, type RemoteWrite } from './remote-write.ts'
import { every, systemClock } from './system.ts'

/** Entries of the alarm board, over all pipelines. */
const SHOWN_ALARMS = 100_000
/** Newest points kept of each series for the API and the page. */
const POINTS_PER_SERIES = 240
/** A series of which no point came for this long is shown no more. */
const STALE_AFTER_MS = 15 * 60_000
/** How often it is looked whether another model is active. */
const MODELS_EVERY_MS = 2_000

export interface AppOptions {
  readonly pipelines: readonly PipelineConfig[]
  readonly version: string
}

/** Made of the telemetry that the app brings, because a backend counts too. */
export type MakeBackend = (ports: { readonly logger: Logger; readonly telemetry: Telemetry }) => Backend

interface RunningPipeline {
  readonly config: PipelineConfig
  readonly monitor: PipelineMonitor
  readonly runner: PipelineRunner
  readonly alarms: AlarmConsumer
  readonly remoteWrite: RemoteWrite | undefined
}

/** The process's inside: every pipeline with its loops, its notifier, and what can be looked at. Starts and stops once. */
export class App implements PipelineView, HealthView, FeedbackIntake {
  readonly metrics: PrometheusMetrics
  readonly series: SeriesBoard
  readonly alarms: AlarmBoard
  readonly forecasts = new ForecastBoard(LIMITS.exposedSeries)
  readonly #forecasts: Forecasts
  readonly #logger: Logger
  readonly #backend: Backend
  readonly #pipelines: readonly RunningPipeline[]
  readonly #followers = new Map<string, ModelFollower>()
  #stopFollowing = () => {}

  constructor(options: AppOptions, logger: Logger, makeBackend: MakeBackend) {
    this.#logger = logger
    this.alarms = new AlarmBoard(SHOWN_ALARMS)
    this.series = new SeriesBoard(systemClock, this.alarms)
    const shown = new Map(
      options.pipelines.map(({ name, expose, sinks }) => [
        name,
        { ...expose, writtenRemotely: sinks.remoteWrite !== undefined },
      ]),
    )
    this.metrics = createPrometheusMetrics({
      series: this.series,
      alarms: this.alarms,
      forecasts: this.forecasts,
      exposure: (pipeline) => shown.get(pipeline) ?? { naming: 'tidegauge', seriesLimit: LIMITS.exposedSeries },
      version: options.version,
      nodeVersion: process.version,
    })
    this.#backend = makeBackend({ logger, telemetry: this.metrics.telemetry })
    const { telemetry } = this.metrics
    this.#forecasts = new Forecasts({ backend: this.#backend, board: this.forecasts, telemetry, logger })
    this.#pipelines = options.pipelines.map((config) => this.#create(config))
  }

  #create(config: PipelineConfig): RunningPipeline {
    const backend = this.#backend
    const logger = this.#logger
    const { telemetry } = this.metrics
    const { name } = config
    this.series.addPipeline(name, {
      seriesMax: config.expose.seriesLimit,
      pointsPerSeries: POINTS_PER_SERIES,
      staleAfterMs: STALE_AFTER_MS,
    })
    const options = toPipelineOptions(config)
    const remoteWrite = createRemoteWrite(config, { logger, telemetry })
    const monitor = new PipelineMonitor(options, backend.describe(config), {
      telemetry,
      logger,
      conditions: new ConditionLog(logger, systemClock),
      series: this.series,
      alarms: this.alarms,
      results: remoteWrite?.sink,
    })
    const failed = (error: TidegaugeError) => this.#failed(name, monitor, error)
    const forecasts = this.#forecasts.serviceOf(config)
    const source = backend.records(config, {
      failed,
      stalled: (error) => monitor.sourceStalled(error),
      notTaken: (partition, error) => monitor.notTaken(partition, error),
      measured: (measure) => monitor.measured(measure),
    })
    const loopOptions = loopOptionsOf(config, options)
    const ports = {
      observer: monitor,
      ...(forecasts === undefined ? {} : { forecastDue: forecasts.due.bind(forecasts) }),
      activeModel: () => this.#followers.get(name)?.release,
    }
    const openLoop = (partition: TopicPartition) => backend.loops.open(partition, loopOptions, ports)
    const runner = createRunner(config, { source, openLoop, logger })
    const transitions = backend.alarms(config, { failed, stalled: () => {} })
    const alarms = createAlarmConsumer(config, transitions, { backend, logger, telemetry })
    return { config, monitor, runner, alarms, remoteWrite }
  }

  #failed(pipeline: string, monitor: PipelineMonitor, error: TidegaugeError): void {
    monitor.pipelineState('failed', error)
    this.#logger.error(`pipeline stopped: ${error.describe()}`, { pipeline, code: error.code })
  }

  /** Resolves when every pipeline reads, or has failed; a pipeline that fails does not stop the others. */
  async start(): Promise<void> {
    const stalled: SourceListener['stalled'] = (error) => {
      for (const { monitor } of this.#pipelines) monitor.sourceStalled(error)
    }
    await this.#backend.prepare(
      this.#pipelines.map(({ config }) => config),
      stalled,
    )
    await this.#followModels()
    await Promise.all(this.#pipelines.map((pipeline) => this.#startPipeline(pipeline)))
  }

  /** The active models are read before the first record is, so that a partition without state begins with its own. */
  async #followModels(): Promise<void> {
    const wanting = this.#pipelines.filter(
      ({ config: { detector, band } }) => detector.kind !== 'off' && band.model !== 'seasonal',
    )
    if (wanting.length === 0) return
    try {
      const catalog = new ModelCatalog(await this.#backend.models(), systemClock)
      for (const { config, runner, monitor } of wanting) {
        const adopt = runner.adopt.bind(runner)
        const follower = new ModelFollower(config.name, {
          catalog,
          adopt,
          refused: (why) => monitor.modelRefused(undefined, why),
        })
        await follower.read()
        this.#followers.set(config.name, follower)
        this.#forecasts.retrain(config, catalog, () => holdsFirst(monitor, config))
      }
      this.#stopFollowing = every(MODELS_EVERY_MS, () => this.#checkModels())
    } catch (thrown) {
      const error = asTidegaugeError(thrown)
      this.#logger.error(`published models cannot be read: those in the checkpoints stay in use: ${error.describe()}`, {
        code: error.code,
      })
    }
  }

  #checkModels(): void {
    for (const [pipeline, follower] of this.#followers) {
      follower
        .check()
        .catch((error: unknown) => this.#logger.error('a model could not be adopted', { pipeline, error }))
    }
  }

  async #startPipeline({ config, monitor, runner, alarms }: RunningPipeline): Promise<void> {
    try {
      await runner.start()
      await alarms.start()
      monitor.pipelineState('running')
    } catch (thrown) {
      this.#failed(config.name, monitor, asTidegaugeError(thrown))
    }
  }

  /** Drains: what was read is committed and checkpointed, what was committed is delivered as far as patience goes. */
  async stop(): Promise<void> {
    this.#stopFollowing()
    for (const { monitor } of this.#pipelines) monitor.pipelineState('draining')
    await Promise.allSettled(this.#pipelines.map(({ runner }) => runner.stop()))
    await this.#forecasts.stop()
    const delivering = this.#pipelines.flatMap(({ alarms, remoteWrite }) => [alarms.stop(), remoteWrite?.stop()])
    await Promise.allSettled(delivering)
    for (const { monitor } of this.#pipelines) monitor.pipelineState('stopped')
    await this.#backend.loops.close()
    await this.#backend.close()
  }

  /** Makes everything durable that one pipeline has stepped. */
  async flush(pipeline: string): Promise<void> {
    await this.#pipelines.find(({ config }) => config.name === pipeline)?.runner.flush()
  }

  listPipelines() {
    return this.#pipelines.map(({ monitor }) => monitor.status())
  }

  /** Applies a person's verdict on a range of a series that this process holds. */
  async submit(request: FeedbackRequest): Promise<FeedbackOutcome> {
    const pipeline = this.#pipelines.find(({ config }) => config.name === request.pipeline)
    if (pipeline === undefined) return { kind: 'unknown_pipeline' }
    const key = this.series.get(request.series)?.key ?? request.series
    const { range, label } = request
    const applied = await pipeline.runner.feedback(key, { range, label })
    return applied
      ? { kind: 'accepted', id: `${request.pipeline}/${key}/${range.startMs}-${range.endMs}` }
      : { kind: 'unknown_series' }
  }

  live(): readonly HealthProblem[] {
    const stopped = this.#pipelines.flatMap(({ monitor }) => monitor.problems())
    const failed = stopped.filter(({ reason }) => reason === 'pipeline_failed')
    // One pipeline that cannot run is no reason to restart those that do.
    return failed.length === this.#pipelines.length ? failed : []
  }

  degraded(): readonly HealthProblem[] {
    return [...this.#forecasts.unavailable, ...this.#pipelines.flatMap(({ monitor }) => monitor.warnings())]
  }

  ready(): readonly HealthProblem[] {
    return this.#pipelines.flatMap(({ monitor }) => monitor.problems())
  }
}

/** Of all processes of a pipeline's group, one at a time holds the first partition of its first topic. */
function holdsFirst(monitor: PipelineMonitor, config: PipelineConfig): boolean {
  const [topic] = steppedTopics(config)
  return topic !== undefined && monitor.holds({ topic, partition: 0 })
}
