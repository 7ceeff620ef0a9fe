import type { FastifyError, FastifyInstance } from 'fastify'
import type { ConditionLog } from '../../runtime/condition-log.ts'
import type { Telemetry } from '../../runtime/telemetry.ts'
import { HttpError } from './http-error.ts'

/** What fastify calls the errors that a client can cause. */
const FASTIFY_ERRORS: Readonly<Record<string, (error: FastifyError) => HttpError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new HttpError('payload_too_large', 'the body is too large', { hint: 'send less at once' }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new HttpError('unsupported_media_type', 'this content type is not taken here', {
      field: 'content-type',
      hint: 'see /api/openapi.json',
    }),
  FST_ERR_CTP_INVALID_JSON_BODY: ({ message }) => new HttpError('bad_request', message, { field: 'body' }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => new HttpError('bad_request', 'the body is empty', { field: 'body' }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new HttpError('bad_request', 'the body is not as long as Content-Length says'),
  FST_ERR_BAD_URL: () => new HttpError('bad_request', 'the path is not a valid URL'),
}

/** A schema violation as one sentence about the field that is wrong. */
function validationError(error: FastifyError): HttpError {
  const [first] = error.validation ?? []
  const inside = first?.instancePath.slice(1).replaceAll('/', '.') ?? ''
  const extra = first?.params['additionalProperty'] ?? first?.params['missingProperty']
  const field = [inside, typeof extra === 'string' ? extra : ''].filter((part) => part !== '').join('.')
  const unknown = first?.keyword === 'additionalProperties'
  const allowed = first?.keyword === 'enum' ? `: ${String(first.params['allowedValues']).replaceAll(',', ', ')}` : ''
  const message = unknown ? 'is not known here' : `${first?.message ?? 'is not valid'}${allowed}`
  return new HttpError(
    'bad_request',
    `${error.validationContext ?? 'request'} ${field} ${message}`.replace('  ', ' '),
    {
      ...(field === '' ? {} : { field }),
      hint: 'see /api/openapi.json',
    },
  )
}

function toHttpError(error: FastifyError): HttpError | undefined {
  if (error instanceof HttpError) return error
  if (error.validation !== undefined) return validationError(error)
  const known = FASTIFY_ERRORS[error.code]?.(error)
  if (known !== undefined) return known
  const { statusCode = 500 } = error
  return statusCode >= 400 && statusCode < 500 ? new HttpError('bad_request', error.message) : undefined
}

/** Every answer that is not a success has the same shape; what is our own fault is logged and tells the client nothing. */
export function handleErrors(app: FastifyInstance, conditions: ConditionLog, telemetry: Telemetry): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    let answer = toHttpError(error)
    if (answer === undefined) {
      telemetry.emit({ type: 'error_raised', code: 'INTERNAL', component: 'http' })
      const route = request.routeOptions.url ?? 'no route'
      conditions.report(`http/${route}`, 'error', 'request failed', { method: request.method, route, error })
      answer = new HttpError('internal', 'the request failed; the log says why')
    }
    if (answer.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(answer.retryAfterMs / 1000))
    return reply.code(answer.statusCode).send(answer.body())
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const error = new HttpError('not_found', `${request.method} ${path} is not known here`, {
      hint: 'see /api/openapi.json for what is',
    })
    return reply.code(error.statusCode).send(error.body())
  })
}
