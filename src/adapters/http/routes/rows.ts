import type { FastifyInstance } from 'fastify'
import type { PointView, SeriesSummary, SeriesView } from '../../../runtime/views.ts'
import { HttpError } from '../http-error.ts'
import { parseRange } from '../instant.ts'
import { errorSchema, ROWS_MAX, rowsQuerySchema, rowsSchema } from '../schemas.ts'

interface RowsQuery {
  readonly q?: string
  readonly pipeline?: string
  readonly from?: string
  readonly to?: string
  readonly limit: number
}

const SERIES_MAX = 50

/**
 * GET /api/v1/rows: points of the series that are found by words, as a list of flat rows with their own timestamps, one
 * a point and input. What a table takes as it is: Grafana's Infinity data source, a spreadsheet, a data frame.
 */
export function rowRoutes(app: FastifyInstance, view: SeriesView): void {
  app.get<{ Querystring: RowsQuery }>(
    '/api/v1/rows',
    {
      schema: {
        operationId: 'listRows',
        summary: 'Points of the series found by words, as flat rows with exact timestamps, oldest first',
        description:
          `For tables, such as Grafana's Infinity data source. At most ${SERIES_MAX} series: more are refused, so that ` +
          'no row is left out unsaid. When more rows than the limit are kept, each series gives its newest ones.',
        tags: ['series'],
        querystring: rowsQuerySchema,
        response: { 200: rowsSchema, 400: errorSchema, 422: errorSchema },
      },
    },
    async ({ query: { q, pipeline, from, to, limit } }) => {
      const range = parseRange(from, to)
      const { items, total } = view.list({
        ...(q === undefined ? {} : { text: q }),
        ...(pipeline === undefined ? {} : { pipeline }),
        sort: 'key',
        offset: 0,
        limit: SERIES_MAX,
      })
      if (total > SERIES_MAX) {
        throw new HttpError('unprocessable', `${total} series match, and at most ${SERIES_MAX} are given as rows`, {
          field: 'q',
          hint: 'add words of the series key to q, or name a pipeline',
        })
      }
      const inputs = items.reduce((sum, series) => sum + series.inputs.length, 0)
      const pointsEach = Math.max(1, Math.floor(limit / Math.max(1, inputs)))
      return items
        .flatMap((series) => rowsOf(series, view.points(series.id, range, pointsEach) ?? []))
        .sort((a, b) => a.timestampMs - b.timestampMs)
        .slice(-Math.min(limit, ROWS_MAX))
    },
  )
}

function rowsOf({ pipeline, key, name, inputs }: SeriesSummary, points: readonly PointView[]) {
  return points.flatMap((point) =>
    point.inputs.map(({ value, expected, lower, upper }, i) => {
      const { timestampMs, score, grade, confidence, reason } = point
      const time = new Date(timestampMs).toISOString()
      const of = { time, timestampMs, pipeline, series: key, name, input: inputs[i] ?? '' }
      return { ...of, value, expected, lower, upper, score, grade, confidence, reason }
    }),
  )
}
