import type { FastifyInstance } from 'fastify'
import type { AlarmView, ForecastView, SeriesQuery, SeriesSummary, SeriesView } from '../../../runtime/views.ts'
import { HttpError } from '../http-error.ts'
import { parseRange } from '../instant.ts'
import {
  errorSchema,
  forecastsSchema,
  idParamsSchema,
  pointsQuerySchema,
  pointsSchema,
  seriesPageSchema,
  seriesQuerySchema,
  seriesSchema,
} from '../schemas.ts'

interface ListQuery {
  readonly pipeline?: string
  readonly q?: string
  readonly gradeMin?: number
  readonly sort: SeriesQuery['sort']
  readonly offset: number
  readonly limit: number
}

interface PointsQuery {
  readonly from?: string
  readonly to?: string
  readonly limit: number
}

const EVERYTHING = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }
/** More points of a series than any board keeps. */
const KEPT_MAX = 100_000

/** GET /api/v1/series, /api/v1/series/:id, /api/v1/series/:id/points. */
export function seriesRoutes(app: FastifyInstance, view: SeriesView, alarms: AlarmView): void {
  const tags = ['series']
  app.get<{ Querystring: ListQuery }>(
    '/api/v1/series',
    {
      schema: {
        operationId: 'listSeries',
        summary: 'Series, found by words and sorted',
        tags,
        querystring: seriesQuerySchema,
        response: { 200: seriesPageSchema, 400: errorSchema },
      },
    },
    async ({ query: { q, ...query } }) => view.list({ ...query, ...(q === undefined ? {} : { text: q }) }),
  )

  app.get<{ Params: { id: string } }>(
    '/api/v1/series/:id',
    {
      schema: {
        operationId: 'getSeries',
        summary: 'One series with its newest point and its alarms',
        tags,
        params: idParamsSchema,
        response: { 200: seriesSchema, 404: errorSchema },
      },
    },
    async ({ params }) => known(view, params.id),
  )

  app.get<{ Params: { id: string }; Querystring: PointsQuery }>(
    '/api/v1/series/:id/points',
    {
      schema: {
        operationId: 'listPoints',
        summary:
          "The newest points of a series and its alarms' changes, as far as this process keeps them, oldest first",
        tags,
        params: idParamsSchema,
        querystring: pointsQuerySchema,
        response: { 200: pointsSchema, 400: errorSchema, 404: errorSchema },
      },
    },
    async ({ params, query }) => {
      const { key, inputs } = known(view, params.id)
      const range = parseRange(query.from, query.to)
      // One more than asked for says whether there are more; the newest of them are given.
      const found = view.points(params.id, range, query.limit + 1) ?? []
      const points = found.slice(-query.limit)
      const [oldest] = view.points(params.id, EVERYTHING, KEPT_MAX) ?? []
      const changes = alarms
        .changesOf(params.id)
        .filter(({ timestampMs }) => timestampMs >= range.startMs && timestampMs < range.endMs)
        .map(({ alarm, from, to, timestampMs, reason, reasonCode }) => {
          return { alarm, from, to, timestampMs, reason, reasonCode }
        })
      const more = found.length > points.length
      return { series: key, inputs, points, changes, keptFromMs: oldest?.timestampMs ?? null, more }
    },
  )
}

/** GET /api/v1/series/:id/forecast. */
export function forecastRoute(app: FastifyInstance, view: SeriesView, forecasts: ForecastView): void {
  app.get<{ Params: { id: string } }>(
    '/api/v1/series/:id/forecast',
    {
      schema: {
        operationId: 'getForecast',
        summary: 'The newest forecast of a series over several periods, one for each input; empty when there is none',
        tags: ['series'],
        params: idParamsSchema,
        response: { 200: forecastsSchema, 404: errorSchema },
      },
    },
    async ({ params }) => ({ series: known(view, params.id).key, forecasts: forecasts.forecasts(params.id) }),
  )
}

function known(view: SeriesView, id: string): SeriesSummary {
  const found = view.get(id)
  if (found !== undefined) return found
  throw new HttpError('not_found', 'no series with this id is shown here', {
    field: 'id',
    hint: 'it may have fallen silent, or another process may own its partition: search /api/v1/series',
  })
}
