import type { FastifyInstance, FastifyReply } from 'fastify'
import type { HealthProblem, HealthView } from '../../../runtime/views.ts'
import { healthSchema } from '../schemas.ts'

/**
 * GET /health/live fails when only a restart helps; GET /health/ready when work should wait. Both say why, and are
 * open to all: a probe has no token.
 */
export function healthRoutes(app: FastifyInstance, health: HealthView): void {
  const schema = (operationId: string, summary: string) => ({
    operationId,
    summary,
    tags: ['health'],
    security: [],
    response: { 200: healthSchema, 503: healthSchema },
  })
  app.get(
    '/health/live',
    { schema: schema('checkLive', 'Whether the process should go on living') },
    async (_, reply) => answer(reply, health.live()),
  )
  app.get('/health/ready', { schema: schema('checkReady', 'Whether the process does its work') }, async (_, reply) =>
    answer(reply, health.ready(), health.degraded?.()),
  )
}

function answer(reply: FastifyReply, problems: readonly HealthProblem[], degraded: readonly HealthProblem[] = []) {
  const ok = problems.length === 0
  return reply.code(ok ? 200 : 503).send({
    status: ok ? 'ok' : 'failing',
    problems,
    ...(degraded.length === 0 ? {} : { degraded }),
  })
}
