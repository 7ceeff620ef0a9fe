import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { OutboundHttp, type OutboundOptions } from '../../../../src/adapters/notify/outbound-http.ts'

const clock = { nowMs: () => Date.UTC(2026, 0, 1) }
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function receiver(answer: RequestListener, over: Partial<OutboundOptions> = {}) {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`
  return new OutboundHttp({ where: 'here', url, allowPrivate: true, clock, ...over })
}

const post = (http: OutboundHttp, body: Uint8Array | string = 'x') =>
  http.post({ body, headers: { 'content-type': 'application/x-protobuf' } }, new AbortController().signal)

describe('OutboundHttp', () => {
  it('posts bytes as they are, and lets nobody replace its own headers', async () => {
    const seen: unknown[] = []
    const answer: RequestListener = (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { 'content-type': type, authorization } = request.headers
        seen.push({ type, authorization, url: request.url, body: Buffer.concat(chunks).toString('hex') })
        response.writeHead(204).end()
      })
    }
    const headers = { authorization: 'Bearer x', 'content-type': 'text/html' }
    const http = await receiver(answer, { headers })
    expect(await post(http, new Uint8Array([0, 255, 10]))).toMatchObject({ kind: 'delivered', status: 204 })
    expect(seen).toEqual([{ type: 'application/x-protobuf', authorization: 'Bearer x', url: '/in', body: '00ff0a' }])
    await http.close()
  })

  it('keeps the beginning of an answer, and waits as long as it asks', async () => {
    const http = await receiver((_, response) => {
      response.writeHead(503, { 'retry-after': '7' }).end('no'.repeat(50_000))
    })
    const answer = await post(http)
    expect(answer).toMatchObject({ kind: 'retry', reason: 'server_error', retryAfterMs: 7_000 })
    expect(answer.text).toBe('no'.repeat(500))
    await http.close()
  })

  it('answers, and does not reject, when nobody listens, nobody answers, or the address is forbidden', async () => {
    const gone = await receiver(() => {})
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
    expect(await post(gone)).toMatchObject({ kind: 'retry', reason: 'unreachable', text: '' })
    const silent = await receiver(() => {}, { timeoutMs: 50 })
    expect(await post(silent)).toMatchObject({ kind: 'retry', reason: 'timeout' })
    const forbidden = new OutboundHttp({ where: 'here', url: 'http://localhost:1/', clock })
    expect(await post(forbidden)).toMatchObject({ kind: 'refused', reason: 'refused_by_policy' })
    await Promise.all([gone.close(), silent.close(), forbidden.close()])
  })

  it('refuses a URL of a private address, or none, and names the setting', () => {
    for (const url of ['http://10.0.0.1/', 'ftp://example.org/', 'nonsense', 'https://user:pw@example.org/']) {
      expect(() => new OutboundHttp({ where: 'sinks.remoteWrite.url', url, clock })).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID', where: 'sinks.remoteWrite.url' }),
      )
    }
  })
})
