import type { FastifyInstance } from 'fastify'

export interface MetricsPage {
  scrape(): Promise<{ readonly contentType: string; readonly body: string }>
}

const PAGE = { type: 'string', examples: ['tidegauge_anomaly_grade{host="web-1"} 0.76\n'] } as const

/** GET /metrics, for Prometheus. */
export function metricsRoute(app: FastifyInstance, page: MetricsPage): void {
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'scrapeMetrics',
        summary: 'Metrics in the Prometheus text format',
        tags: ['metrics'],
        response: { 200: { content: { 'text/plain': { schema: PAGE } } } },
      },
    },
    async (_, reply) => {
      const { contentType, body } = await page.scrape()
      return reply.type(contentType).send(body)
    },
  )
}
