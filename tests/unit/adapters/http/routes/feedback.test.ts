import { afterEach, describe, expect, it } from 'vitest'
import { buildHttp } from '../../../../../src/adapters/http/server.ts'
import type { FeedbackOutcome, FeedbackRequest } from '../../../../../src/runtime/views.ts'
import { httpPorts } from '../../../../support/http-ports.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function setUp(outcome: FeedbackOutcome = { kind: 'accepted', id: 'f-1' }) {
  const submitted: FeedbackRequest[] = []
  const feedback = {
    submit: async (request: FeedbackRequest) => {
      submitted.push(request)
      return outcome
    },
  }
  const app = await buildHttp({ port: 0, version: '1' }, httpPorts({ feedback }).ports)
  closers.push(() => app.close())
  const post = (payload: object | string) =>
    app.inject({
      url: '/api/v1/feedback',
      method: 'POST',
      payload,
      headers: { 'content-type': 'application/json' },
    })
  return { post, submitted }
}

const BODY = {
  pipeline: 'web',
  series: 'cpu{host="a"}',
  from: '60000',
  to: '1970-01-01T00:10:00Z',
  label: 'notAnomaly',
}

describe('POST /api/v1/feedback', () => {
  it('hands over what a person says', async () => {
    const { post, submitted } = await setUp()
    const answer = await post({ ...BODY, from: 60_000 })
    expect(answer.statusCode).toBe(202)
    expect(answer.json()).toEqual({ id: 'f-1' })
    const range = { startMs: 60_000, endMs: 600_000 }
    expect(submitted).toEqual([{ pipeline: 'web', series: 'cpu{host="a"}', range, label: 'notAnomaly' }])
  })

  it.each([
    ['unknown_pipeline', 404, 'pipeline'],
    ['unknown_series', 404, 'series'],
    ['range_not_kept', 422, 'from'],
  ] as const)('answers %s with %d', async (kind, status, field) => {
    const { post } = await setUp({ kind })
    const answer = await post(BODY)
    expect(answer.statusCode).toBe(status)
    expect(answer.json().error).toMatchObject({ field, hint: expect.any(String) })
  })

  it.each([
    ['an unknown label', { ...BODY, label: 'wrong' }, 'label'],
    ['a missing field', { ...BODY, series: undefined }, 'series'],
    ['a field too many', { ...BODY, comment: 'x' }, 'comment'],
    ['an empty series', { ...BODY, series: '' }, 'series'],
    ['a range backwards', { ...BODY, to: '0' }, 'to'],
    ['no instant', { ...BODY, from: 'noon' }, 'from'],
    ['no JSON', '{"pipeline":', 'body'],
    ['no object', '[]', undefined],
  ])('refuses %s', async (_, body, field) => {
    const { post, submitted } = await setUp()
    const answer = await post(body)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().error.field).toBe(field)
    expect(submitted).toEqual([])
  })

  it('refuses a body of a megabyte and more', async () => {
    const { post } = await setUp()
    expect((await post({ ...BODY, series: 'x'.repeat(1024 * 1024) })).statusCode).toBe(413)
  })
})
