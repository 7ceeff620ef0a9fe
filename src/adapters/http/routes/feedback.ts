import type { FastifyInstance } from 'fastify'
import type { FeedbackLabel } from '../../../band/scored-point.ts'
import type { FeedbackIntake, FeedbackOutcome } from '../../../runtime/views.ts'
import { HttpError } from '../http-error.ts'
import { parseRange } from '../instant.ts'
import { errorSchema, feedbackAnswerSchema, feedbackBodySchema } from '../schemas.ts'

interface Body {
  readonly pipeline: string
  readonly series: string
  readonly from: string
  readonly to: string
  readonly label: FeedbackLabel
}

const REFUSALS: Readonly<Record<Exclude<FeedbackOutcome['kind'], 'accepted'>, () => HttpError>> = {
  unknown_pipeline: () =>
    new HttpError('not_found', 'no pipeline has this name', {
      field: 'pipeline',
      hint: 'GET /api/v1/pipelines lists them',
    }),
  unknown_series: () =>
    new HttpError('not_found', 'the pipeline has no such series', {
      field: 'series',
      hint: 'GET /api/v1/series finds keys and ids',
    }),
  range_not_kept: () =>
    new HttpError('unprocessable', 'nothing is kept any more of that range', {
      field: 'from',
      hint: 'name a range that /api/v1/series/ID/points still shows',
    }),
}

/** POST /api/v1/feedback: what a person says of a range of a series. */
export function feedbackRoutes(app: FastifyInstance, intake: FeedbackIntake): void {
  app.post<{ Body: Body }>(
    '/api/v1/feedback',
    {
      schema: {
        operationId: 'giveFeedback',
        summary: 'Say of a range of a series what it was',
        tags: ['feedback'],
        body: feedbackBodySchema,
        response: { 202: feedbackAnswerSchema, 400: errorSchema, 404: errorSchema, 422: errorSchema },
      },
    },
    async ({ body: { pipeline, series, from, to, label } }, reply) => {
      const outcome = await intake.submit({ pipeline, series, range: parseRange(from, to), label })
      if (outcome.kind !== 'accepted') throw REFUSALS[outcome.kind]()
      return reply.code(202).send({ id: outcome.id })
    },
  )
}
