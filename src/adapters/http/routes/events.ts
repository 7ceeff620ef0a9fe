import type { FastifyInstance } from 'fastify'
import type { EventStreams } from '../event-streams.ts'
import { parseInstant } from '../instant.ts'
import { errorSchema, eventsQuerySchema } from '../schemas.ts'

interface EventsQuery {
  readonly series?: string
  readonly since?: string
}

const STREAM = {
  type: 'string',
  examples: ['event: hello\ndata: {"startId":"6f0c…","version":"0.1.0","heartbeatMs":15000}\n\n'],
} as const

/** GET /api/v1/events: server-sent events. */
export function eventRoutes(app: FastifyInstance, streams: EventStreams): void {
  app.addHook('preClose', async () => streams.close())
  app.get<{ Querystring: EventsQuery }>(
    '/api/v1/events',
    {
      schema: {
        operationId: 'streamEvents',
        summary: 'What changes, as server-sent events',
        description:
          'hello {startId, version, heartbeatMs}; overview {pipelines, problems, degraded, worst, alarms, changes}; ' +
          'points {seriesId, points} of the series asked for; alarms {changes, missed}. ' +
          'A client that does not read is dropped, and as many as the process bears are served.',
        tags: ['events'],
        querystring: eventsQuerySchema,
        response: {
          200: { content: { 'text/event-stream': { schema: STREAM } } },
          400: errorSchema,
          503: errorSchema,
        },
      },
    },
    async ({ query: { series = '', since } }, reply) => {
      const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : parseInstant(since, 'since')
      streams.admit()
      reply.hijack()
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // When the stream has ended there is nothing to keep the connection for, least of all while stopping.
        connection: 'close',
        'x-content-type-options': 'nosniff',
        // nginx would keep events back until its buffer is full.
        'x-accel-buffering': 'no',
      })
      streams.open(reply.raw, { series: [...new Set(series.split(',').filter((id) => id !== ''))], sinceMs })
    },
  )
}
