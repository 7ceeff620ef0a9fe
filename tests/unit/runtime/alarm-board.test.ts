import { describe, expect, it } from 'vitest'
import { AlarmBoard } from '../../../src/runtime/alarm-board.ts'
import { madeAlarm } from '../../support/made-points.ts'

const of = (name: string, pipeline = 'web') => ({
  pipeline,
  seriesId: name,
  seriesKey: `cpu{host="${name}"}`,
  labels: { host: name },
})
const PAGE = { offset: 0, limit: 100 }

describe('AlarmBoard', () => {
  it('lists states newest change first, filtered and paged', () => {
    const board = new AlarmBoard(10)
    board.set(of('a'), madeAlarm({ sinceMs: 1 }))
    board.set(of('a'), madeAlarm({ alarm: 'low', state: 'ALARM', sinceMs: 3 }))
    board.set(of('b', 'db'), madeAlarm({ state: 'ALARM', sinceMs: 2 }))
    const names = (query = {}) =>
      board.listAlarms({ ...PAGE, ...query }).items.map((item) => `${item.seriesId} ${item.alarm}`)
    expect(names()).toEqual(['a low', 'b high', 'a high'])
    expect(names({ state: 'ALARM' })).toEqual(['a low', 'b high'])
    expect(names({ pipeline: 'db' })).toEqual(['b high'])
    expect(names({ alarm: 'high', text: 'HOST="A' })).toEqual(['a high'])
    expect(names({ offset: 1, limit: 1 })).toEqual(['b high'])
    expect(board.listAlarms({ ...PAGE, limit: 1 }).total).toBe(3)
  })

  it('replaces the state of the same alarm and series', () => {
    const board = new AlarmBoard(10)
    board.set(of('a'), madeAlarm({ state: 'ALARM' }))
    board.set(of('a'), madeAlarm({ state: 'OK', sinceMs: 2 }))
    expect(board.listAlarms(PAGE).items).toEqual([{ ...of('a'), ...madeAlarm({ state: 'OK', sinceMs: 2 }) }])
  })

  it('counts the series in each state', () => {
    const board = new AlarmBoard(10)
    board.set(of('a'), madeAlarm({ state: 'ALARM' }))
    board.set(of('b'), madeAlarm({}))
    board.set(of('c'), madeAlarm({}))
    board.set(of('c'), madeAlarm({ alarm: 'low', state: 'INSUFFICIENT_DATA' }))
    expect(board.countAlarms()).toEqual([
      { pipeline: 'web', alarm: 'high', states: { OK: 2, ALARM: 1, INSUFFICIENT_DATA: 0 } },
      { pipeline: 'web', alarm: 'low', states: { OK: 0, ALARM: 0, INSUFFICIENT_DATA: 1 } },
    ])
  })

  it('when full, keeps those in ALARM', () => {
    const board = new AlarmBoard(2)
    expect(board.set(of('a'), madeAlarm({}))).toBe(true)
    expect(board.set(of('b'), madeAlarm({ state: 'ALARM' }))).toBe(true)
    expect(board.set(of('c'), madeAlarm({}))).toBe(false)
    expect(board.set(of('c'), madeAlarm({ state: 'ALARM' }))).toBe(true)
    expect(board.set(of('d'), madeAlarm({ state: 'ALARM' }))).toBe(false)
    expect(board.listAlarms(PAGE).items.map((item) => item.seriesId)).toEqual(['b', 'c'])
    board.remove('b')
    board.remove('unknown')
    expect(board.set(of('d'), madeAlarm({}))).toBe(true)
  })

  it('remembers changes, but not states that are told again or were never evaluated to', () => {
    const board = new AlarmBoard(10)
    board.set(of('a'), madeAlarm({ state: 'INSUFFICIENT_DATA', sinceMs: 1, reasonCode: 'created' }))
    board.set(of('a'), madeAlarm({ state: 'ALARM', sinceMs: 2 }))
    board.set(of('a'), madeAlarm({ state: 'ALARM', sinceMs: 2 }))
    board.set(of('b'), madeAlarm({ state: 'OK', sinceMs: 3 }))
    board.set(of('a'), madeAlarm({ state: 'OK', sinceMs: 4 }))
    const seen = board.changesOf('a').map(({ from, to, timestampMs }) => `${from} ${to} ${timestampMs}`)
    expect(seen).toEqual(['INSUFFICIENT_DATA ALARM 2', 'ALARM OK 4'])
    expect(board.changesSince(1, 10)).toMatchObject({ sequence: 3, items: [{ seriesId: 'b' }, { seriesId: 'a' }] })
  })
})
