import type { FastifyInstance } from 'fastify'
import { afterAll, describe, expect, it } from 'vitest'
import type { AccessToken } from '../../../../src/adapters/http/access.ts'
import { buildHttp } from '../../../../src/adapters/http/server.ts'
import { httpPorts } from '../../../support/http-ports.ts'

const TOKENS: readonly AccessToken[] = [
  { token: 'reader-token', scopes: ['read'] },
  { token: 'writer-token', scopes: ['push'] },
  { token: 'person-token', scopes: ['read', 'feedback'] },
  { token: 'admin-token', scopes: ['admin'] },
]

/** One server for each way of listening: the requests change nothing in it. */
const servers = new Map<string, Promise<FastifyInstance>>()
afterAll(async () => {
  for (const server of servers.values()) await (await server).close()
})

function serverOn(host: string, tokens: readonly AccessToken[]): Promise<FastifyInstance> {
  const name = `${host} ${tokens.length}`
  const samples = { push: async () => ({ kind: 'taken', samples: 1, rejections: [] }) as const }
  const feedback = { submit: async () => ({ kind: 'accepted', id: '1' }) as const }
  const ports = () => httpPorts({ samples, feedback }).ports
  const server = servers.get(name) ?? buildHttp({ port: 0, version: '1', host, tokens }, ports())
  servers.set(name, server)
  return server
}

async function setUp(tokens = TOKENS, host = '0.0.0.0') {
  const app = await serverOn(host, tokens)
  return (token: string | undefined, post = false, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
    app.inject({
      remoteAddress,
      url: post ? '/api/v1/samples?pipeline=web' : '/api/v1/series',
      method: post ? 'POST' : 'GET',
      headers: { ...headers, ...(token === undefined ? {} : { authorization: token }) },
      ...(post ? { payload: {} } : {}),
    })
}

describe('access', () => {
  it.each([
    ['nothing', undefined, false, 401],
    ['a token nobody gave out', 'Bearer other', false, 401],
    ['a token cut short', 'Bearer reader-toke', false, 401],
    ['another kind of authorization', 'Basic cmVhZGVyLXRva2Vu', false, 401],
    ['a reader who reads', 'Bearer reader-token', false, 200],
    ['a reader who reads, in lower case', 'bearer reader-token', false, 200],
    ['a reader who writes', 'Bearer reader-token', true, 403],
    ['a writer who reads', 'Bearer writer-token', false, 403],
    ['a writer who writes', 'Bearer writer-token', true, 200],
    ['a person who reads', 'Bearer person-token', false, 200],
    ['a person who pushes', 'Bearer person-token', true, 403],
    ['an admin who reads', 'Bearer admin-token', false, 200],
    ['an admin who writes', 'Bearer admin-token', true, 200],
  ])('%s', async (_, token, post, status) => {
    const ask = await setUp()
    expect((await ask(token, post)).statusCode).toBe(status)
  })

  it('says what is missing', async () => {
    const ask = await setUp()
    expect((await ask(undefined)).json().error).toMatchObject({
      code: 'unauthorized',
      hint: 'send it as Authorization: Bearer TOKEN',
    })
    expect((await ask('Bearer reader-token', true)).json().error.message).toBe('the token does not have the scope push')
  })

  it('tells feedback from pushing', async () => {
    const app = await serverOn('0.0.0.0', TOKENS)
    const verdict = {
      pipeline: 'web',
      series: 's',
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-01T01:00:00Z',
      label: 'incident',
    }
    const say = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` }
      return (await app.inject({ method: 'POST', url: '/api/v1/feedback', headers, payload: verdict })).statusCode
    }
    expect(await say('person-token')).toBe(202)
    expect(await say('writer-token')).toBe(403)
    expect(await say('reader-token')).toBe(403)
  })

  it('lets probes in without a token', async () => {
    const app = await serverOn('0.0.0.0', TOKENS)
    expect((await app.inject('/health/live')).statusCode).toBe(200)
    expect((await app.inject('/metrics')).statusCode).toBe(401)
    expect((await app.inject('/api/openapi.json')).statusCode).toBe(401)
  })

  it.each([
    ['127.0.0.1', 'localhost:9464', 200],
    ['127.0.0.1', '127.0.0.1:9464', 200],
    ['127.0.0.1', '[::1]:9464', 200],
    ['127.0.0.1', 'evil.example', 403],
    ['127.0.0.1', '127.0.0.1.evil.example', 403],
    ['127.0.0.1', 'localhost.evil.example:80', 403],
    ['0.0.0.0', 'tidegauge:9464', 200],
  ])('listening on %s, without tokens, a request to %s gets %d', async (host, name, status) => {
    const ask = await setUp([], host)
    expect((await ask(undefined, false, { host: name })).statusCode).toBe(status)
  })

  it.each([
    ['10.1.2.3', false, 200],
    ['10.1.2.3', true, 403],
    ['127.0.0.1', true, 200],
    ['::1', true, 200],
    ['::ffff:127.0.0.1', true, 200],
    ['::ffff:10.1.2.3', true, 403],
  ])('without tokens, a request from %s (that changes something: %j) gets %d', async (address, post, status) => {
    const ask = await setUp([])
    expect((await ask(undefined, post, {}, address)).statusCode).toBe(status)
  })
})
