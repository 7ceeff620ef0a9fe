import { describe, expect, it } from 'vitest'
import type { ScoredPoint } from '../../../src/band/scored-point.ts'
import { makeSeries } from '../../../src/core/series.ts'
import { AlarmBoard } from '../../../src/runtime/alarm-board.ts'
import { SeriesBoard, seriesIdOf } from '../../../src/runtime/series-board.ts'
import type { SeriesQuery } from '../../../src/runtime/views.ts'
import { madeAlarm, madeInput, madePoint } from '../../support/made-points.ts'

const ALL: SeriesQuery = { sort: 'key', offset: 0, limit: 100 }
const seriesOf = (host: string) => makeSeries('cpu', { host })

function setUp(seriesMax = 10) {
  const clock = { ms: 1_000_000, nowMs: () => clock.ms }
  const alarms = new AlarmBoard(100)
  const board = new SeriesBoard(clock, alarms)
  board.addPipeline('web', { seriesMax, pointsPerSeries: 5, staleAfterMs: 60_000 })
  return { clock, alarms, board }
}

const show = (board: SeriesBoard, pipeline: string, host: string, point: ScoredPoint) =>
  board.publish(pipeline, [{ series: seriesOf(host), point }])

const keys = (board: SeriesBoard, query: Partial<SeriesQuery> = {}) =>
  board.list({ ...ALL, ...query }).items.map((item) => item.labels['host'])

describe('SeriesBoard', () => {
  it('shows the newest point of a series and keeps the points before it', () => {
    const { board } = setUp()
    for (let i = 1; i <= 7; i++) show(board, 'web', 'a', madePoint({ timestampMs: i, value: i }))
    const [summary] = board.list(ALL).items
    expect(summary).toMatchObject({ key: 'cpu{host="a"}', name: 'cpu', pipeline: 'web', inputs: ['value'], alarms: [] })
    expect(summary?.latest).toMatchObject({ timestampMs: 7, inputs: [{ value: 7 }] })
    const id = summary?.id ?? ''
    expect(id).toBe(seriesIdOf('web', 'cpu{host="a"}'))
    expect(board.get(id)?.key).toBe('cpu{host="a"}')
    const points = board.points(id, { startMs: 4, endMs: 7 }, 10)
    expect(points?.map((point) => point.timestampMs)).toEqual([4, 5, 6])
    expect(board.points('nobody', { startMs: 0, endMs: 9 }, 10)).toBeUndefined()
  })

  it('finds by words, pipeline and grade, sorts and pages', () => {
    const { board } = setUp()
    board.addPipeline('db', { seriesMax: 5, pointsPerSeries: 5, staleAfterMs: 60_000 })
    show(board, 'web', 'Alpha', madePoint({ grade: 0.2, score: 9, timestampMs: 3 }))
    show(board, 'web', 'beta', madePoint({ grade: 0.9, score: 1, timestampMs: 2 }))
    show(board, 'db', 'gamma', madePoint({ grade: 0.5, score: 5, timestampMs: 1 }))
    expect(keys(board)).toEqual(['Alpha', 'beta', 'gamma'])
    expect(keys(board, { text: 'CPU alph' })).toEqual(['Alpha'])
    expect(keys(board, { pipeline: 'db' })).toEqual(['gamma'])
    expect(keys(board, { gradeMin: 0.5 })).toEqual(['beta', 'gamma'])
    expect(keys(board, { sort: 'grade' })).toEqual(['beta', 'gamma', 'Alpha'])
    expect(keys(board, { sort: 'score' })).toEqual(['Alpha', 'gamma', 'beta'])
    expect(keys(board, { sort: 'updated', offset: 1, limit: 1 })).toEqual(['beta'])
    expect(board.list({ ...ALL, limit: 1 }).total).toBe(3)
  })

  it('puts what is in alarm before other series of its grade', () => {
    const { board, alarms } = setUp()
    const raise = (host: string) => {
      const { key } = seriesOf(host)
      alarms.set(
        { pipeline: 'web', seriesId: seriesIdOf('web', key), seriesKey: key, labels: {} },
        madeAlarm({ state: 'ALARM' }),
      )
    }
    for (const host of ['calm', 'quiet', 'silent']) show(board, 'web', host, madePoint({ grade: 0 }))
    show(board, 'web', 'worse', madePoint({ grade: 0.6 }))
    raise('silent')
    expect(keys(board, { sort: 'grade' })).toEqual(['worse', 'silent', 'calm', 'quiet'])
    expect(keys(board)).toEqual(['calm', 'quiet', 'silent', 'worse'])
  })

  it('leaves out series beyond its limit, counts their points, and takes them in when others fall silent', () => {
    const { board, clock } = setUp(2)
    for (const host of ['a', 'b', 'c', 'c']) show(board, 'web', host, madePoint())
    expect(keys(board)).toEqual(['a', 'b'])
    expect(board.exposureCounts().get('web')).toEqual({ shown: 2, pointsLeftOut: 2 })
    clock.ms += 30_000
    show(board, 'web', 'a', madePoint())
    clock.ms += 30_000
    show(board, 'web', 'c', madePoint())
    expect(keys(board)).toEqual(['a', 'c'])
  })

  it('takes off what fell silent or was removed', () => {
    const { board, clock, alarms } = setUp()
    show(board, 'web', 'a', madePoint())
    show(board, 'web', 'b', madePoint())
    const seriesId = seriesIdOf('web', seriesOf('a').key)
    const state = madeAlarm({ state: 'ALARM', sinceMs: 5 })
    alarms.set({ pipeline: 'web', seriesId, seriesKey: seriesOf('a').key, labels: {} }, state)
    expect(board.get(seriesId)?.alarms).toEqual([{ alarm: 'high', state: 'ALARM', sinceMs: 5 }])
    board.remove('web', seriesOf('a').key)
    expect(keys(board)).toEqual(['b'])
    expect(alarms.listAlarms({ offset: 0, limit: 10 }).total).toBe(0)
    clock.ms += 60_000
    expect(keys(board)).toEqual([])
    expect([...board.exposed()]).toEqual([])
  })

  it('starts the kept points anew when a series comes with another number of inputs', () => {
    const { board } = setUp()
    show(board, 'web', 'a', madePoint({ timestampMs: 1 }))
    show(board, 'web', 'a', madePoint({ timestampMs: 2, inputs: [madeInput(), madeInput({ name: 'b' })] }))
    const id = seriesIdOf('web', seriesOf('a').key)
    expect(board.points(id, { startMs: 0, endMs: 10 }, 10)?.map((point) => point.timestampMs)).toEqual([2])
    expect(board.get(id)?.inputs).toEqual(['value', 'b'])
  })

  it('does not know pipelines that were not added', () => {
    const { board } = setUp()
    show(board, 'other', 'a', madePoint())
    expect(board.exposureCounts().has('other')).toBe(false)
  })
})
