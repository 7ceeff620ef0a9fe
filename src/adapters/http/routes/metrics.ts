import type { FastifyInstance } from 'fastify'

export interface MetricsPage {
  scrape(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** GET /metrics, for Prometheus. */
export function metricsRoute(app: FastifyInstance, page: MetricsPage): void {
  app.get(
    '/metrics',
    { schema: { summary: 'Metrics in the Prometheus text format', tags: ['metrics'] } },
    async (_, reply) => {
      const { contentType, body } = await page.scrape()
      return reply.type(contentType).send(body)
    },
  )
}
