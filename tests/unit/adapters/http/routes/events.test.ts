import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { EventStreamOptions } from '../../../../../src/adapters/http/event-streams.ts'
import { buildHttp } from '../../../../../src/adapters/http/server.ts'
import { httpPorts } from '../../../../support/http-ports.ts'

const apps: FastifyInstance[] = []
const readers: AbortController[] = []
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.abort()
  for (const app of apps.splice(0)) await app.close()
})

/** A server that looks after its streams every 10 ms. */
async function serve(events: Partial<EventStreamOptions> = {}) {
  const made = httpPorts()
  const options = { port: 0, version: '1.2.3', events: { tickMs: 10, overviewMs: 10, ...events } }
  const app = await buildHttp(options, made.ports)
  apps.push(app)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { ...made, app, url }
}

/** Reads a stream until `enough` is true of its text. */
async function listen(url: string, enough: (text: string) => boolean): Promise<string> {
  const reader = new AbortController()
  readers.push(reader)
  const answer = await fetch(url, { signal: reader.signal })
  let text = ''
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (enough(text)) return text
  }
  return text
}

const dataOf = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`^event: ${name}\\ndata: (.*)$`, 'gm'))].map(([, data]) => JSON.parse(data ?? ''))

describe('GET /api/v1/events', () => {
  it('counts the streams that are open', async () => {
    const { url, telemetry } = await serve()
    const counts = () =>
      telemetry.events.flatMap((event) => (event.type === 'event_streams_counted' ? [event.open] : []))
    await listen(`${url}/api/v1/events`, (text) => text.includes('event: hello'))
    expect(counts()).toEqual([1])
    for (const reader of readers) reader.abort()
    await vi.waitFor(() => expect(counts()).toEqual([1, 0]))
  })

  it('keeps 500 of a thousand open pages up to date, refuses the others clearly, and serves one when one goes', async () => {
    const { url, publish } = await serve()
    publish('a', 1)
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const reader = new AbortController()
        readers.push(reader)
        return { reader, answer: await fetch(`${url}/api/v1/events`, { signal: reader.signal }) }
      }),
    )
    const taken = answers.filter(({ answer }) => answer.status === 200)
    const refused = answers.filter(({ answer }) => answer.status === 503)
    expect([taken.length, refused.length]).toEqual([500, 500])
    expect(await refused[0]?.answer.json()).toMatchObject({
      error: { code: 'unavailable', message: '500 pages are open, and no more are kept up to date' },
    })
    expect(refused[0]?.answer.headers.get('retry-after')).toBe('15')
    // Everything else still answers.
    expect(await (await fetch(`${url}/api/v1/series`)).json()).toMatchObject({ total: 1 })
    taken[0]?.reader.abort()
    await expect.poll(async () => (await fetch(`${url}/api/v1/events`)).status).toBe(200)
  })

  it('greets, and tells how everything is', async () => {
    const { url, publish, setAlarm } = await serve()
    publish('a', 3, 0.4)
    setAlarm('a', 'ALARM', 60_000)
    const text = await listen(`${url}/api/v1/events`, (so) => so.includes('event: overview'))
    expect(dataOf(text, 'hello')).toEqual([
      { startId: expect.stringMatching(/^[0-9a-f-]{36}$/), version: '1.2.3', heartbeatMs: 15_000 },
    ])
    expect(dataOf(text, 'overview')[0]).toMatchObject({
      pipelines: [{ name: 'web' }],
      problems: [],
      worst: { total: 1, items: [{ key: 'cpu{host="a"}' }] },
      alarms: { total: 1, items: [{ alarm: 'high', state: 'ALARM' }] },
      changes: [{ from: 'INSUFFICIENT_DATA', to: 'ALARM' }],
    })
  })

  it('sends points of the series asked for, after the instant asked for, and those that come', async () => {
    const { url, publish, setAlarm } = await serve()
    const id = publish('a', 3)
    publish('b', 3)
    setTimeout(() => {
      publish('a', 5)
      setAlarm('a', 'ALARM', 300_000)
    }, 50)
    const text = await listen(`${url}/api/v1/events?series=${id}&since=60000`, (so) => so.includes('event: alarms'))
    const points = dataOf(text, 'points').flatMap((each) =>
      each.points.map((point: object) => ({ id: each.seriesId, ...point })),
    )
    expect(points.map(({ timestampMs }) => timestampMs / 60_000)).toEqual([2, 3, 4, 5])
    expect(new Set(points.map((point) => point.id))).toEqual(new Set([id]))
    expect(dataOf(text, 'alarms')).toEqual([
      { missed: 0, changes: [expect.objectContaining({ seriesId: id, to: 'ALARM', timestampMs: 300_000 })] },
    ])
  })

  it('says that it lives while nothing happens', async () => {
    const { url } = await serve({ heartbeatMs: 30 })
    expect(await listen(`${url}/api/v1/events`, (so) => so.includes(': still here'))).toContain('\n: still here\n\n')
  })

  it('refuses clearly when as many are open as may be, and takes the next when one has gone', async () => {
    const { url } = await serve({ clientsMax: 2 })
    const hold = async () => {
      const reader = new AbortController()
      readers.push(reader)
      const { status } = await fetch(`${url}/api/v1/events`, { signal: reader.signal })
      return { status, letGo: () => reader.abort() }
    }
    const [first, second] = [await hold(), await hold()]
    expect([first.status, second.status]).toEqual([200, 200])
    const refused = await fetch(`${url}/api/v1/events`)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('15')
    expect(await refused.json()).toMatchObject({
      error: { code: 'unavailable', hint: expect.stringContaining('later') },
    })
    first.letGo()
    await expect.poll(async () => (await hold()).status).toBe(200)
  })

  it('drops a client that does not read', async () => {
    const { url, publish } = await serve({ patienceMs: 50 })
    // An overview that is large and never the same: more than the buffers between the two take.
    const inflate = setInterval(() => publish('x'.repeat(100_000), 1, Math.random()), 5)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const closed = new Promise<string>((resolve) => {
      socket.once('close', () => resolve('closed')).once('error', () => {})
    })
    socket.pause()
    socket.write('GET /api/v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    // It reads again: what was on its way, and then the end.
    socket.resume()
    expect(await closed).toBe('closed')
    clearInterval(inflate)
  }, 20_000)

  it.each(['series=a,', 'series=a%20b', `series=${Array(17).fill('a').join(',')}`, 'since=soon', 'topic=x'])(
    'refuses %s',
    async (query) => {
      const { app } = await serve()
      expect((await app.inject(`/api/v1/events?${query}`)).statusCode).toBe(400)
    },
  )

  it('ends its streams when the server stops', async () => {
    const { app, url } = await serve()
    const whole = listen(`${url}/api/v1/events`, () => false)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await app.close()
    expect(await whole).toContain('event: hello')
  })
})
