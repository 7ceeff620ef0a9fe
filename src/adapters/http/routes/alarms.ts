import type { FastifyInstance } from 'fastify'
import type { AlarmState } from '../../../alarm/state.ts'
import type { AlarmView } from '../../../runtime/views.ts'
import { alarmPageSchema, alarmQuerySchema, errorSchema } from '../schemas.ts'

interface ListQuery {
  readonly pipeline?: string
  readonly alarm?: string
  readonly state?: AlarmState
  readonly q?: string
  readonly offset: number
  readonly limit: number
}

/** GET /api/v1/alarms. */
export function alarmRoutes(app: FastifyInstance, view: AlarmView): void {
  app.get<{ Querystring: ListQuery }>(
    '/api/v1/alarms',
    {
      schema: {
        operationId: 'listAlarms',
        summary: 'Alarms of series with their state and its reason, newest change first',
        tags: ['alarms'],
        querystring: alarmQuerySchema,
        response: { 200: alarmPageSchema, 400: errorSchema },
      },
    },
    async ({ query: { q, ...query } }) => view.listAlarms({ ...query, ...(q === undefined ? {} : { text: q }) }),
  )
}
