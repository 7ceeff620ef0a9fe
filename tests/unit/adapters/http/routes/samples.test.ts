import { afterEach, describe, expect, it } from 'vitest'
import { buildHttp } from '../../../../../src/adapters/http/server.ts'
import type { PushOutcome } from '../../../../../src/runtime/views.ts'
import { httpPorts } from '../../../../support/http-ports.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function setUp(outcome: PushOutcome = { kind: 'taken', samples: 2, rejections: [] }) {
  const pushed: { pipeline: string; records: string[] }[] = []
  const samples = {
    push: async (pipeline: string, records: readonly Uint8Array[]) => {
      pushed.push({ pipeline, records: records.map((record) => new TextDecoder().decode(record)) })
      return outcome
    },
  }
  const app = await buildHttp({ port: 0, version: '1' }, httpPorts({ samples }).ports)
  closers.push(() => app.close())
  const post = (payload: string | Buffer, type = 'application/json', url = '/api/v1/samples?pipeline=web') =>
    app.inject({ url, method: 'POST', payload, headers: { 'content-type': type } })
  return { post, pushed }
}

describe('POST /api/v1/samples', () => {
  it('hands over a JSON body as one record, byte for byte', async () => {
    const { post, pushed } = await setUp()
    const answer = await post('{"name":"cpu", "value": 1e400}')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ samples: 2, rejected: 0, rejections: [] })
    expect(pushed).toEqual([{ pipeline: 'web', records: ['{"name":"cpu", "value": 1e400}'] }])
  })

  it('hands over lines as records', async () => {
    const { post, pushed } = await setUp()
    await post('{"a":1}\r\n\n{"a":"ü"}\n{"a":3}', 'application/x-ndjson; charset=utf-8')
    expect(pushed[0]?.records).toEqual(['{"a":1}', '{"a":"ü"}', '{"a":3}'])
  })

  it('says what was not taken, the first hundred of it', async () => {
    const rejections = Array.from({ length: 150 }, (_, record) => ({
      record,
      reason: 'not_json' as const,
      detail: 'x',
    }))
    const partly = await setUp({ kind: 'taken', samples: 1, rejections })
    const answer = await partly.post('{}')
    expect(answer.statusCode).toBe(200)
    expect(answer.json().rejected).toBe(150)
    expect(answer.json().rejections).toHaveLength(100)
    expect(answer.json().rejections[1]).toEqual({ record: 1, reason: 'not_json', detail: 'x' })
    const none = await setUp({ kind: 'taken', samples: 0, rejections })
    expect((await none.post('{}')).statusCode).toBe(400)
    expect((await none.post('{}')).json().rejected).toBe(150)
  })

  it.each([
    [{ kind: 'unknown_pipeline' }, 404, 'not_found', undefined],
    [{ kind: 'not_pushed' }, 409, 'conflict', undefined],
    [{ kind: 'busy', retryAfterMs: 2_500 }, 429, 'busy', '3'],
    [{ kind: 'starting', retryAfterMs: 1_000 }, 503, 'unavailable', '1'],
    [{ kind: 'stopping' }, 503, 'unavailable', '1'],
  ] as const)('answers %j with %d', async (outcome, status, code, retryAfter) => {
    const { post } = await setUp(outcome)
    const answer = await post('{}')
    expect(answer.statusCode).toBe(status)
    expect(answer.json().error.code).toBe(code)
    expect(answer.headers['retry-after']).toBe(retryAfter)
  })

  it('refuses what is empty, too much, of another type, or for nobody', async () => {
    const { post, pushed } = await setUp()
    expect((await post('\n\n', 'application/x-ndjson')).json().error).toMatchObject({
      code: 'bad_request',
      field: 'body',
    })
    expect((await post('a\n'.repeat(10_001), 'application/x-ndjson')).statusCode).toBe(413)
    expect((await post(Buffer.alloc(8 * 1024 * 1024 + 1))).json().error.code).toBe('payload_too_large')
    expect((await post('a', 'text/plain')).json().error).toMatchObject({
      code: 'unsupported_media_type',
      field: 'content-type',
    })
    expect((await post('{}', 'application/json', '/api/v1/samples')).json().error.field).toBe('pipeline')
    expect(pushed).toEqual([])
    expect((await post('a\n'.repeat(10_000), 'application/x-ndjson')).statusCode).toBe(200)
  })

  it('is not there when nothing takes samples', async () => {
    const app = await buildHttp({ port: 0, version: '1' }, httpPorts().ports)
    closers.push(() => app.close())
    expect((await app.inject({ url: '/api/v1/samples?pipeline=web', method: 'POST', payload: {} })).statusCode).toBe(
      404,
    )
  })
})
