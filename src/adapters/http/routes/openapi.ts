import type { FastifyInstance } from 'fastify'
import { errorSchema } from '../schemas.ts'

/** What an answer with this status means, for the description. */
const MEANINGS: Readonly<Record<string, string>> = {
  200: 'What was asked for.',
  202: 'Taken: it is applied, and durable.',
  400: 'The request is wrong; `field` says where.',
  401: 'A token is needed, or the one given is not known.',
  403: 'The token, or this way to the server, does not allow it.',
  404: 'There is no such thing here.',
  409: 'Not possible as this process runs.',
  413: 'The body is larger than what is taken.',
  415: 'The body has a type that is not taken.',
  422: 'Understood, but it cannot be done; `hint` says what can.',
  429: 'Too much is waiting; `retry-after` says when to come back.',
  500: 'An error of our own; the log says which.',
  503: 'Not now: starting, stopping, failing, or full.',
}

/** GET /api/openapi.json: the API's own description, made of the schemas that requests and answers go through. */
export function openApiRoute(app: FastifyInstance, describe: () => object): void {
  app.get(
    '/api/openapi.json',
    {
      schema: {
        operationId: 'describe',
        summary: 'This description, OpenAPI 3.1',
        tags: ['api'],
        response: { 200: { type: 'object', additionalProperties: true, examples: [{ openapi: '3.1.0' }] } },
      },
    },
    async () => describe(),
  )
}

/** Every answer of the routes of this scope says what its status means; those that any route may give are added. */
export function describeAnswers(app: FastifyInstance, common: readonly number[]): void {
  app.addHook('onRoute', ({ schema }) => {
    if (schema === undefined || typeof schema.response !== 'object' || schema.response === null) return
    const shared = Object.fromEntries(common.map((status) => [status, errorSchema]))
    const answers = Object.entries<object>({ ...shared, ...schema.response })
    schema.response = Object.fromEntries(
      answers.map(([status, answer]) => [status, { description: MEANINGS[status], ...answer }]),
    )
  })
}
