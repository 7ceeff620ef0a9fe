import { randomUUID } from 'node:crypto'
import swagger from '@fastify/swagger'
import { type FastifyInstance, fastify } from 'fastify'
import { TidegaugeError } from '../../core/errors.ts'
import { ConditionLog } from '../../runtime/condition-log.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { Telemetry } from '../../runtime/telemetry.ts'
import type {
  AlarmView,
  FeedbackIntake,
  ForecastView,
  HealthView,
  PipelineView,
  SampleIntake,
  SeriesView,
} from '../../runtime/views.ts'
import { Access, type AccessToken, type Scope } from './access.ts'
import { handleErrors } from './error-handler.ts'
import { EVENT_STREAM_DEFAULTS, type EventStreamOptions, EventStreams } from './event-streams.ts'
import { alarmRoutes } from './routes/alarms.ts'
import { eventRoutes } from './routes/events.ts'
import { feedbackRoutes } from './routes/feedback.ts'
import { healthRoutes } from './routes/health.ts'
import { type MetricsPage, metricsRoute } from './routes/metrics.ts'
import { describeAnswers, openApiRoute } from './routes/openapi.ts'
import { pageRoutes } from './routes/page.ts'
import { pipelineRoutes } from './routes/pipelines.ts'
import { rowRoutes } from './routes/rows.ts'
import { sampleRoutes } from './routes/samples.ts'
import { forecastRoute, seriesRoutes } from './routes/series.ts'

export interface HttpOptions {
  /** Default 127.0.0.1: who opens it to a network says so. */
  readonly host?: string
  /** 0 takes a free one. */
  readonly port: number
  /** With none, routes that show are open, and those that change serve this machine only. */
  readonly tokens?: readonly AccessToken[]
  /** Of Tidegauge, for the API's description. */
  readonly version: string
  /** Of the server-sent events, what shall not be as usual. */
  readonly events?: Partial<EventStreamOptions>
}

/** What the routes show and take. A port that is absent has no routes. */
export interface HttpPorts {
  readonly metrics: MetricsPage
  readonly health: HealthView
  readonly series: SeriesView
  readonly alarms: AlarmView
  readonly pipelines: PipelineView
  readonly forecasts?: ForecastView
  readonly samples?: SampleIntake
  readonly feedback?: FeedbackIntake
  readonly logger: Logger
  readonly telemetry: Telemetry
}

const LOOPBACK = '127.0.0.1'
const BODY_BYTES_MAX = 1024 * 1024
const REQUEST_TIMEOUT_MS = 30_000

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || host.startsWith('127.')

/** The server with all its routes, not yet listening. */
export async function buildHttp(options: HttpOptions, ports: HttpPorts): Promise<FastifyInstance> {
  const { host = LOOPBACK, tokens = [], version } = options
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    // Unknown parameters are refused, not dropped: who mistypes one should hear of it.
    ajv: { customOptions: { removeAdditional: false } },
  })
  handleErrors(app, new ConditionLog(ports.logger, { nowMs: () => Date.now() }), ports.telemetry)
  app.addHook('onSend', async (_, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Tidegauge', version, description: 'Series, bands, grades and alarms of this process.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      ...(tokens.length === 0 ? {} : { security: [{ token: [] }] }),
    },
  })
  await app.register(async (open) => {
    describeAnswers(open, [500])
    healthRoutes(open, ports.health)
  })
  await pageRoutes(app)
  const streams = new EventStreams(
    { startId: randomUUID(), version, ...EVENT_STREAM_DEFAULTS, ...options.events },
    ports,
  )
  const access = new Access(tokens, isLoopback(host))
  const under = (scope: Scope, addRoutes: (scoped: FastifyInstance) => void) =>
    app.register(async (scoped) => {
      scoped.addHook('onRequest', async (request) => access.check(request, scope))
      describeAnswers(scoped, [401, 403, 500])
      addRoutes(scoped)
    })
  await under('read', (scoped) => {
    metricsRoute(scoped, ports.metrics)
    seriesRoutes(scoped, ports.series, ports.alarms)
    rowRoutes(scoped, ports.series)
    if (ports.forecasts !== undefined) forecastRoute(scoped, ports.series, ports.forecasts)
    alarmRoutes(scoped, ports.alarms)
    pipelineRoutes(scoped, ports.pipelines)
    eventRoutes(scoped, streams)
    openApiRoute(scoped, () => app.swagger())
  })
  await under('push', (scoped) => {
    if (ports.samples !== undefined) sampleRoutes(scoped, ports.samples)
  })
  await under('feedback', (scoped) => {
    if (ports.feedback !== undefined) feedbackRoutes(scoped, ports.feedback)
  })
  return app
}

export interface HttpServer {
  /** http://host:port, with the port that was really taken. */
  readonly url: string
  /** Takes no new requests, finishes those in hand. */
  stop(): Promise<void>
}

/** Builds the server and listens; CONFIG_INVALID when the address cannot be taken. */
export async function startHttp(options: HttpOptions, ports: HttpPorts): Promise<HttpServer> {
  const { host = LOOPBACK, port, tokens = [] } = options
  const app = await buildHttp(options, ports)
  const url = await app.listen({ host, port }).catch(async (thrown: unknown) => {
    await app.close()
    throw listenError(thrown, `${host}:${port}`)
  })
  if (!isLoopback(host) && tokens.length === 0) {
    ports.logger.warn('the HTTP API shows everything to everyone who can reach it', {
      url,
      hint: 'set an API token, or listen on 127.0.0.1',
    })
  }
  return { url, stop: () => app.close() }
}

function listenError(thrown: unknown, where: string): TidegaugeError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another process has this port: choose another one, or stop that process',
    EACCES: 'ports below 1024 need privileges: choose a higher one',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'this machine has no such address',
  }
  const hint = hints[code]
  return new TidegaugeError('CONFIG_INVALID', `cannot listen: ${code}`, {
    where,
    cause: thrown,
    ...(hint === undefined ? {} : { hint }),
  })
}
