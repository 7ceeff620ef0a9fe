import type { FastifyInstance } from 'fastify'
import type { PipelineView } from '../../../runtime/views.ts'
import { pipelinesSchema } from '../schemas.ts'

/** GET /api/v1/pipelines. */
export function pipelineRoutes(app: FastifyInstance, view: PipelineView): void {
  app.get(
    '/api/v1/pipelines',
    {
      schema: {
        operationId: 'listPipelines',
        summary: 'Pipelines of this process: state, lag, series, partitions',
        tags: ['pipelines'],
        response: { 200: pipelinesSchema },
      },
    },
    async () => ({ pipelines: view.listPipelines() }),
  )
}
