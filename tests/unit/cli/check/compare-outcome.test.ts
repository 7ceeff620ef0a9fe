import { describe, expect, it } from 'vitest'
import { failuresOf, type Happened } from '../../../../src/cli/check/compare-outcome.ts'
import { makeSeries } from '../../../../src/core/series.ts'

const series = makeSeries('up', { host: 'a' })
const at = (fromMs: number, toMs = fromMs) => ({ fromMs, toMs })
const happened: Happened = {
  transitions: [{ atMs: 60_000, alarm: 'x', series: series.key, from: 'OK', to: 'ALARM' }],
  told: [{ atMs: 90_061_000, channel: 'ops', alarm: 'x', series: series.key, state: 'ALARM' }],
  deadLetters: ['not_json'],
}
const expected = {
  transitions: [{ at: at(60_000), alarm: 'x', series, from: 'OK', to: 'ALARM' }],
  told: [{ at: at(0, 100_000_000), channel: 'ops', alarm: 'x', state: 'ALARM' }],
  others: 'refused',
  deadLetters: ['not_json'],
} as const

const NOTHING = { transitions: [], told: [], deadLetters: [] } as const

describe('the comparison of what happened with what was expected', () => {
  it('finds nothing when all is as expected', () => {
    expect(failuresOf(expected, happened)).toEqual([])
    const [transition] = expected.transitions
    expect(failuresOf({ ...expected, transitions: [{ ...transition, from: undefined }] }, happened)).toEqual([])
  })

  it.each([
    ['time', { at: at(60_001, 70_000) }, '1m1ms..1m10s x of up{host="a"}: OK -> ALARM'],
    ['alarm', { alarm: 'y' }, '1m y of up{host="a"}: OK -> ALARM'],
    ['series', { series: makeSeries('up', {}) }, '1m x of up: OK -> ALARM'],
    ['state before', { from: 'INSUFFICIENT_DATA' as const }, '1m x of up{host="a"}: INSUFFICIENT_DATA -> ALARM'],
    ['state after', { to: 'OK' as const }, '1m x of up{host="a"}: OK -> OK'],
  ])('tells another %s from both sides', (_, change, wanted) => {
    const transitions = [{ ...expected.transitions[0], ...change }]
    expect(failuresOf({ ...expected, transitions }, happened)).toEqual([
      `did not happen: ${wanted}`,
      'was not expected: 1m x of up{host="a"}: OK -> ALARM',
    ])
  })

  it('tells what nobody expected, and what came only once', () => {
    expect(failuresOf({ ...NOTHING, others: 'refused' }, happened)).toEqual([
      'was not expected: 1m x of up{host="a"}: OK -> ALARM',
      'was not expected: 1d1h1m1s ops is told: x of up{host="a"} is ALARM',
      'dead letters: expected [], found [not_json]',
    ])
    expect(failuresOf({ ...NOTHING, others: 'allowed' }, { ...happened, deadLetters: [] })).toEqual([])
    const twice = [...expected.told, ...expected.told]
    expect(failuresOf({ ...expected, told: twice }, happened)).toEqual([
      'did not happen: 0s..1d3h46m40s ops is told: x of any series is ALARM',
    ])
  })
})
