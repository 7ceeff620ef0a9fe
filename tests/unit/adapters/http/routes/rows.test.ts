import { afterEach, describe, expect, it } from 'vitest'
import { buildHttp } from '../../../../../src/adapters/http/server.ts'
import { httpPorts } from '../../../../support/http-ports.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function setUp() {
  const made = httpPorts()
  const app = await buildHttp({ port: 0, version: '1.2.3' }, made.ports)
  closers.push(() => app.close())
  return { ...made, get: (query: string) => app.inject(`/api/v1/rows${query}`) }
}

const YEAR_MS = 365 * 86_400_000

describe('GET /api/v1/rows', () => {
  it('is a flat list with the exact instant of every point, as text and as a number', async () => {
    const { get, publish } = await setUp()
    publish('a', 2, 0.4)
    publish('b', 1)
    const rows = (await get('?q=host')).json()
    expect(rows.map(({ time, series, value }: Record<string, unknown>) => [time, series, value])).toEqual([
      ['1970-01-01T00:01:00.000Z', 'cpu{host="a"}', 1],
      ['1970-01-01T00:01:00.000Z', 'cpu{host="b"}', 1],
      ['1970-01-01T00:02:00.000Z', 'cpu{host="a"}', 2],
    ])
    expect(rows[2]).toEqual({
      time: '1970-01-01T00:02:00.000Z',
      timestampMs: 120_000,
      pipeline: 'web',
      series: 'cpu{host="a"}',
      name: 'cpu',
      input: 'value',
      value: 2,
      expected: 9.5,
      lower: expect.any(Number),
      upper: expect.any(Number),
      score: expect.any(Number),
      grade: 0.4,
      confidence: expect.any(Number),
      reason: expect.any(String),
    })
    for (const value of Object.values(rows[0])) expect(typeof value).not.toBe('object')
  })

  it("keeps to Grafana's range, whose end is exclusive", async () => {
    const { get, publish } = await setUp()
    publish('a', 10)
    const rows = (await get('?q=cpu&from=120000&to=240000')).json()
    expect(rows.map(({ timestampMs }: { timestampMs: number }) => timestampMs)).toEqual([120_000, 180_000])
  })

  it('answers a query over a year with what is kept, and gives the newest of each series at a limit', async () => {
    const { get, publish } = await setUp()
    publish('a', 60)
    publish('b', 60)
    const year = (await get(`?from=0&to=${YEAR_MS}`)).json()
    expect(year).toHaveLength(2 * 50)
    const few = (await get('?limit=4')).json()
    expect(few.map(({ timestampMs }: { timestampMs: number }) => timestampMs / 60_000)).toEqual([59, 59, 60, 60])
  })

  it('refuses more series than it gives, instead of leaving some out unsaid', async () => {
    const { get, publish } = await setUp()
    for (let i = 0; i < 51; i++) publish(`h${i}`, 1)
    const answer = await get('?q=cpu')
    expect(answer.statusCode).toBe(422)
    expect(answer.json().error).toMatchObject({
      code: 'unprocessable',
      field: 'q',
      message: '51 series match, and at most 50 are given as rows',
    })
    expect((await get('?q=h49')).json()).toHaveLength(1)
    expect((await get('?pipeline=nobody')).json()).toEqual([])
  })
})
