import { describe, expect, it } from 'vitest'
import { AlarmHistory } from '../../../src/runtime/alarm-history.ts'

const change = (seriesId: string, timestampMs: number) => ({
  pipeline: 'web',
  alarm: 'high',
  seriesId,
  seriesKey: seriesId,
  from: 'OK' as const,
  to: 'ALARM' as const,
  timestampMs,
  reason: 'because',
  reasonCode: 'threshold_crossed' as const,
})

describe('AlarmHistory', () => {
  it.each([0, 1, 3, 4, 7, 12])('keeps the newest 4 of %d changes, numbered from 1', (count) => {
    const history = new AlarmHistory(4)
    for (let i = 1; i <= count; i++) history.add(change('a', i))
    const kept = Array.from({ length: Math.min(4, count) }, (_, i) => Math.max(0, count - 4) + i + 1)
    expect(history.sequence).toBe(count)
    expect(history.since(0, 100).map(({ sequence }) => sequence)).toEqual(kept)
    expect(history.since(count, 100)).toEqual([])
    expect(history.since(Math.max(0, count - 1), 100)).toHaveLength(Math.min(1, count))
    expect(history.since(0, 2).map(({ timestampMs }) => timestampMs)).toEqual(kept.slice(-2))
  })

  it('finds those of one series, in the order of event time', () => {
    const history = new AlarmHistory(10)
    for (const [id, at] of [
      ['a', 5],
      ['b', 1],
      ['a', 2],
    ] as const)
      history.add(change(id, at))
    expect(history.of('a').map(({ timestampMs }) => timestampMs)).toEqual([2, 5])
    expect(history.of('nobody')).toEqual([])
  })
})
