import { describe, expect, it } from 'vitest'
import { AlarmBoard, type AlarmState } from '../../../src/runtime/alarm-board.ts'

const of = (name: string, pipeline = 'web') => ({
  pipeline,
  seriesId: name,
  seriesKey: `cpu{host="${name}"}`,
  labels: { host: name },
})
const state = (over: Partial<AlarmState>): AlarmState => ({
  alarm: 'high',
  state: 'OK',
  sinceMs: 1,
  reason: 'because',
  reasonData: {},
  ...over,
})
const PAGE = { offset: 0, limit: 100 }

describe('AlarmBoard', () => {
  it('lists states newest change first, filtered and paged', () => {
    const board = new AlarmBoard(10)
    board.set(of('a'), state({ sinceMs: 1 }))
    board.set(of('a'), state({ alarm: 'low', state: 'ALARM', sinceMs: 3 }))
    board.set(of('b', 'db'), state({ state: 'ALARM', sinceMs: 2 }))
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
    board.set(of('a'), state({ state: 'ALARM' }))
    board.set(of('a'), state({ state: 'OK', sinceMs: 2 }))
    expect(board.listAlarms(PAGE).items).toEqual([{ ...of('a'), ...state({ state: 'OK', sinceMs: 2 }) }])
  })

  it('when full, keeps those in ALARM', () => {
    const board = new AlarmBoard(2)
    expect(board.set(of('a'), state({}))).toBe(true)
    expect(board.set(of('b'), state({ state: 'ALARM' }))).toBe(true)
    expect(board.set(of('c'), state({}))).toBe(false)
    expect(board.set(of('c'), state({ state: 'ALARM' }))).toBe(true)
    expect(board.set(of('d'), state({ state: 'ALARM' }))).toBe(false)
    expect(board.listAlarms(PAGE).items.map((item) => item.seriesId)).toEqual(['b', 'c'])
    board.remove('b')
    board.remove('unknown')
    expect(board.set(of('d'), state({}))).toBe(true)
  })
})
