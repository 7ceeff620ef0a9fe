import type { FastifyInstance, FastifyReply } from 'fastify'
import type { PushOutcome, SampleIntake } from '../../../runtime/views.ts'
import { HttpError } from '../http-error.ts'
import { errorSchema, samplesAnswerSchema, samplesQuerySchema } from '../schemas.ts'

const BODY_BYTES_MAX = 8 * 1024 * 1024
const RECORDS_MAX = 10_000
const REJECTIONS_SHOWN = 100
const NEWLINE = 0x0a
const RETURN = 0x0d

/**
 * POST /api/v1/samples?pipeline=NAME: records for a pipeline that runs without a broker. `application/json` is one
 * record, `application/x-ndjson` one a line, each as the pipeline's decoder reads it from Kafka.
 */
export function sampleRoutes(app: FastifyInstance, intake: SampleIntake): void {
  // A scope of its own: here bodies stay bytes, because it is the pipeline's decoder that reads them.
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      ['application/json', 'application/x-ndjson'],
      { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
      (request, body: Buffer, parsed) => {
        const lines = request.headers['content-type']?.startsWith('application/x-ndjson') ?? false
        parsed(null, lines ? splitLines(body) : [body])
      },
    )
    scope.post<{ Querystring: { pipeline: string }; Body: readonly Uint8Array[] | undefined }>(
      '/api/v1/samples',
      {
        bodyLimit: BODY_BYTES_MAX,
        schema: {
          operationId: 'pushSamples',
          summary: 'Push records to a pipeline that runs without a broker',
          description:
            'application/json is one record, application/x-ndjson one a line, in the format of the pipeline.',
          tags: ['samples'],
          consumes: ['application/json', 'application/x-ndjson'],
          querystring: samplesQuerySchema,
          response: {
            200: samplesAnswerSchema,
            400: { oneOf: [samplesAnswerSchema, errorSchema] },
            404: errorSchema,
            409: errorSchema,
            413: errorSchema,
            415: errorSchema,
            429: errorSchema,
            503: errorSchema,
          },
        },
      },
      async ({ query: { pipeline }, body = [] }, reply) => {
        if (body.length === 0) throw new HttpError('bad_request', 'there are no records in the body', { field: 'body' })
        if (body.length > RECORDS_MAX) {
          throw new HttpError('payload_too_large', `there are more than ${RECORDS_MAX} records in the body`, {
            hint: 'send them in several requests',
          })
        }
        return answer(reply, pipeline, await intake.push(pipeline, body))
      },
    )
    done()
  })
}

function answer(reply: FastifyReply, pipeline: string, outcome: PushOutcome) {
  switch (outcome.kind) {
    case 'taken': {
      const { samples, rejections } = outcome
      const nothing = samples === 0 && rejections.length > 0
      return reply
        .code(nothing ? 400 : 200)
        .send({ samples, rejected: rejections.length, rejections: rejections.slice(0, REJECTIONS_SHOWN) })
    }
    case 'unknown_pipeline':
      throw new HttpError('not_found', `no pipeline is called ${pipeline}`, {
        field: 'pipeline',
        hint: 'GET /api/v1/pipelines lists them',
      })
    case 'not_pushed':
      throw new HttpError('conflict', `pipeline ${pipeline} reads from elsewhere`, {
        field: 'pipeline',
        hint: 'send the records there, or run the pipeline embedded',
      })
    case 'busy':
      throw new HttpError('busy', 'too many records are waiting', { retryAfterMs: outcome.retryAfterMs })
    case 'starting':
      throw new HttpError('unavailable', 'the pipelines are starting', {
        retryAfterMs: outcome.retryAfterMs,
        hint: 'GET /health/ready says when they are up',
      })
    case 'stopping':
      throw new HttpError('unavailable', 'the process is stopping', { retryAfterMs: 1_000 })
  }
}

/** Lines without their ends; empty ones are left out. Gives up early on more lines than may be. */
function splitLines(body: Buffer): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let start = 0; start < body.length && lines.length <= RECORDS_MAX; ) {
    const newline = body.indexOf(NEWLINE, start)
    const next = newline === -1 ? body.length : newline
    const end = next > start && body[next - 1] === RETURN ? next - 1 : next
    if (end > start) lines.push(body.subarray(start, end))
    start = next + 1
  }
  return lines
}
