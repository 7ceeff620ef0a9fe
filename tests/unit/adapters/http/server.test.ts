import { request } from 'node:http'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { buildHttp, type HttpOptions, type HttpPorts, startHttp } from '../../../../src/adapters/http/server.ts'
import { makeSeries } from '../../../../src/core/series.ts'
import { httpPorts, STATUS } from '../../../support/http-ports.ts'
import { madeInput, madePoint } from '../../../support/made-points.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const OPTIONS: HttpOptions = { port: 0, version: '1.2.3' }

async function setUp(over: Partial<HttpPorts> = {}, options: Partial<HttpOptions> = {}) {
  const made = httpPorts(over)
  const app = await buildHttp({ ...OPTIONS, ...options }, made.ports)
  closers.push(() => app.close())
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })
  return { ...made, app, get }
}

/** One server for all requests that are refused. */
const refusing = (async () => {
  const made = httpPorts()
  return { ...made, app: await buildHttp(OPTIONS, made.ports) }
})()
afterAll(async () => (await refusing).app.close())

describe('the HTTP API', () => {
  it('shows metrics as they are', async () => {
    const { get } = await setUp()
    const answer = await get('/metrics')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.body).toBe('up 1\n')
  })

  it('says whether it is live and ready, and why not', async () => {
    const { get, problems } = await setUp()
    expect((await get('/health/live')).json()).toEqual({ status: 'ok', problems: [] })
    expect((await get('/health/ready')).statusCode).toBe(200)
    const problem = { reason: 'topic_missing', pipeline: 'web', detail: 'topic metrics does not exist' } as const
    problems.push(problem, { reason: 'draining', pipeline: null, detail: 'stopping' })
    const failing = await get('/health/ready')
    expect(failing.statusCode).toBe(503)
    expect(failing.json()).toEqual({ status: 'failing', problems })
    expect((await get('/health/live')).statusCode).toBe(200)
  })

  it('lists pipelines, with offsets beyond 2^53 intact', async () => {
    const { get } = await setUp()
    expect((await get('/api/v1/pipelines')).json()).toEqual({ pipelines: [STATUS] })
    const failed = { ...STATUS, state: 'failed', error: { code: 'FENCED', message: 'another one' } } as const
    const other = await setUp({ pipelines: { listPipelines: () => [failed] } })
    expect((await other.get('/api/v1/pipelines')).json()).toEqual({ pipelines: [failed] })
  })

  it('finds series, pages through them, and shows one', async () => {
    const { get, publish, setAlarm } = await setUp()
    publish('a', 1, 0.2)
    const id = publish('b', 3, 0.9)
    publish('c', 1, 0.5)
    setAlarm('b', 'ALARM', 60_000)
    const all = (await get('/api/v1/series?sort=grade&limit=2')).json()
    expect(all.total).toBe(3)
    expect(all.items.map((item: { key: string }) => item.key)).toEqual(['cpu{host="b"}', 'cpu{host="c"}'])
    expect((await get('/api/v1/series?q=HOST%3D%22a')).json().total).toBe(1)
    expect((await get('/api/v1/series?pipeline=nobody')).json()).toEqual({ items: [], total: 0 })
    const one = (await get(`/api/v1/series/${id}`)).json()
    expect(one).toEqual(all.items[0])
    expect(one).toMatchObject({
      pipeline: 'web',
      labels: { host: 'b' },
      inputs: ['value'],
      state: 'TRAINED',
      latest: { timestampMs: 180_000, grade: 0.9, inputs: [{ value: 3, expected: 9.5, observed: true }] },
      alarms: [{ alarm: 'high', state: 'ALARM', sinceMs: 60_000 }],
    })
  })

  it('shows the kept points of a series within a range', async () => {
    const { get, publish, setAlarm } = await setUp()
    const id = publish('a', 10)
    const times = async (query: string) => {
      const answer = (await get(`/api/v1/series/${id}/points${query}`)).json()
      return answer.points.map((point: { timestampMs: number }) => point.timestampMs / 60_000)
    }
    expect(await times('')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(await times('?from=1970-01-01T00:03:00Z&to=360000')).toEqual([3, 4, 5])
    expect(await times('?limit=2')).toEqual([9, 10])
    setAlarm('a', 'ALARM', 120_000)
    const changesIn = async (query: string) => (await get(`/api/v1/series/${id}/points${query}`)).json().changes
    expect(await changesIn('')).toMatchObject([
      { alarm: 'high', from: 'INSUFFICIENT_DATA', to: 'ALARM', timestampMs: 120_000 },
    ])
    expect(await changesIn('?from=120001')).toEqual([])
    expect((await get(`/api/v1/series/${id}/points`)).json()).toMatchObject({
      series: 'cpu{host="a"}',
      inputs: ['value'],
    })
  })

  it('writes what is not known as null', async () => {
    const { get, board } = await setUp()
    const nothing = { value: Number.NaN, expected: Number.NaN, lower: Number.NaN, upper: Number.NaN, observed: false }
    board.publish('web', [
      { series: makeSeries('cpu', {}), point: madePoint({ inputs: [madeInput(nothing)], reason: 'missing' }) },
    ])
    expect((await get('/api/v1/series')).json().items[0].latest.inputs).toEqual([
      { value: null, expected: null, lower: null, upper: null, observed: false },
    ])
  })

  it('lists alarms with their reason', async () => {
    const { get, setAlarm } = await setUp()
    setAlarm('a', 'OK', 60_000)
    setAlarm('b', 'ALARM', 120_000)
    const { items, total } = (await get('/api/v1/alarms?state=ALARM')).json()
    expect(total).toBe(1)
    expect(items[0]).toMatchObject({
      pipeline: 'web',
      alarm: 'high',
      seriesKey: 'cpu{host="b"}',
      labels: { host: 'b' },
      state: 'ALARM',
      sinceMs: 120_000,
      reason: 'because',
      reasonData: { version: '1.0', triggeringAlarms: [] },
    })
  })

  it.each([
    ['/nowhere', 404, { code: 'not_found', hint: 'see /api/openapi.json for what is' }],
    ['/api/v1/series/none', 404, { code: 'not_found', field: 'id' }],
    ['/api/v1/series/none/points', 404, { code: 'not_found', field: 'id' }],
    [`/api/v1/series/${'x'.repeat(65)}`, 400, { code: 'bad_request', field: 'id' }],
    ['/api/v1/series?limit=501', 400, { code: 'bad_request', field: 'limit' }],
    ['/api/v1/series?limit=many', 400, { code: 'bad_request', field: 'limit' }],
    ['/api/v1/series?offset=-1', 400, { code: 'bad_request', field: 'offset' }],
    [
      '/api/v1/series?sort=size',
      400,
      { field: 'sort', message: expect.stringContaining('key, grade, score, updated') },
    ],
    ['/api/v1/series?querry=x', 400, { field: 'querry', message: 'querystring querry is not known here' }],
    [`/api/v1/series?q=${'x'.repeat(1001)}`, 400, { field: 'q' }],
    ['/api/v1/alarms?state=BAD', 400, { field: 'state' }],
  ])('answers %s with %d and says why', async (url, status, error) => {
    const { app } = await refusing
    const answer = await app.inject(url)
    expect(answer.statusCode).toBe(status)
    expect(answer.json().error).toMatchObject(error)
  })

  it.each([
    ['from=yesterday', 'from'],
    ['to=2026-13-45', 'to'],
    ['from=99999999999999999999', 'from'],
    ['from=5&to=5', 'to'],
    ['limit=0', 'limit'],
  ])('refuses the range %s', async (query, field) => {
    const { app, publish } = await refusing
    const answer = await app.inject(`/api/v1/series/${publish('a', 1)}/points?${query}`)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().error.field).toBe(field)
  })

  it('tells a client nothing of an error of our own, and the log all of it', async () => {
    const health = {
      live: () => {
        throw new Error('secret detail')
      },
      ready: () => [],
    }
    const { get, logger, telemetry } = await setUp({ health })
    const answer = await get('/health/live')
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('secret detail')
    expect(answer.json().error.code).toBe('internal')
    await get('/health/live')
    expect(logger.lines).toHaveLength(1)
    expect(logger.lines[0]).toMatchObject({
      level: 'error',
      fields: { route: '/health/live', error: expect.any(Error) },
    })
    expect(telemetry.of('error_raised')).toHaveLength(2)
  })

  it('answers a query over a year with what is kept, and says where that begins', async () => {
    const { get, publish } = await setUp()
    const id = publish('a', 60)
    const year = 365 * 86_400_000
    const asked = (await get(`/api/v1/series/${id}/points?from=0&to=${year}&limit=10000`)).json()
    expect(asked.points).toHaveLength(50)
    expect(asked).toMatchObject({ keptFromMs: 11 * 60_000, more: false })
    const few = (await get(`/api/v1/series/${id}/points?from=0&to=${year}&limit=10`)).json()
    expect(few.points.map(({ timestampMs }: { timestampMs: number }) => timestampMs / 60_000)).toEqual([
      51, 52, 53, 54, 55, 56, 57, 58, 59, 60,
    ])
    expect(few).toMatchObject({ keptFromMs: 11 * 60_000, more: true })
  })

  it('bounds what is asked with: a search of 10 kB is refused with its field', async () => {
    const { get } = await setUp()
    for (const path of ['series', 'rows', 'alarms']) {
      const answer = await get(`/api/v1/${path}?q=${'x'.repeat(10_000)}`)
      expect(answer.statusCode).toBe(400)
      expect(answer.json().error).toMatchObject({ field: 'q', message: expect.stringContaining('1000') })
    }
  })

  it('forbids guessing of contents and keeping of answers', async () => {
    const { get } = await setUp()
    const { headers } = await get('/api/v1/series')
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
  })
})

describe('startHttp', () => {
  it('listens on loopback, answers, and stops', async () => {
    const { ports, logger } = httpPorts()
    const server = await startHttp(OPTIONS, ports)
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
    await server.stop()
    await expect(fetch(`${server.url}/health/ready`)).rejects.toThrow()
    expect(logger.lines).toEqual([])
  })

  it('says which address it cannot take, and what to do', async () => {
    const { ports } = httpPorts()
    const first = await startHttp(OPTIONS, ports)
    closers.push(first.stop)
    const port = Number(new URL(first.url).port)
    await expect(startHttp({ ...OPTIONS, port }, ports)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      where: `127.0.0.1:${port}`,
      hint: expect.stringContaining('choose another one'),
    })
  })

  it('warns when it is open to a network', async () => {
    const { ports, logger } = httpPorts()
    const server = await startHttp({ ...OPTIONS, host: '0.0.0.0' }, ports)
    await server.stop()
    expect(logger.lines.map((line) => line.message)).toEqual([
      'the HTTP API shows everything to everyone who can reach it',
    ])
  })

  it('is not read through a name that resolves to loopback', async () => {
    const { ports } = httpPorts()
    const server = await startHttp(OPTIONS, ports)
    closers.push(server.stop)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(`${server.url}/api/v1/series`, { headers: { host: 'evil.example' } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      asked.on('error', reject).end()
    })
    expect(status).toBe(403)
  })
})
