import { describe, expect, it } from 'vitest'
import {
  SeriesTable,
  type SeriesTableOptions,
} from '../../../../../src/adapters/prometheus/remote-write/series-table.ts'
import {
  encodeWriteRequest,
  type WriteSample,
} from '../../../../../src/adapters/prometheus/remote-write/write-request.ts'
import { makeSeries } from '../../../../../src/core/series.ts'
import { madeInput, madePoint } from '../../../../support/made-points.ts'
import { readWriteRequest } from '../../../../support/write-requests.ts'

const MINUTE_MS = 60_000
const CPU = makeSeries('cpu', { host: 'a' })

const tableOf = (over: Partial<SeriesTableOptions> = {}) =>
  new SeriesTable({ pipeline: 'web', naming: 'tidegauge', periodMs: MINUTE_MS, labels: {}, limit: 100, ...over })

function read(samples: readonly WriteSample[] | string) {
  if (typeof samples === 'string') throw new Error(samples)
  return readWriteRequest(encodeWriteRequest(samples))
}

describe('SeriesTable', () => {
  it('makes of a point what /metrics shows of it, at the start of its period', () => {
    const table = tableOf({ labels: { cluster: 'eu', host: 'not this one' } })
    table.setAlarm(CPU.key, 'high', 'ALARM')
    const samples = read(table.samplesOf(CPU, madePoint({ timestampMs: 5 * MINUTE_MS, grade: 0.25 })))
    expect(samples.map(({ labels, value }) => [labels['__name__'], value])).toEqual([
      ['tidegauge_value', 10],
      ['tidegauge_expected_value', 9.5],
      ['tidegauge_band_lower', 8],
      ['tidegauge_band_upper', 11],
      ['tidegauge_anomaly_score', 0.5],
      ['tidegauge_anomaly_grade', 0.25],
      ['tidegauge_confidence', 0.9],
      ['tidegauge_alarm_state', 2],
    ])
    for (const { labels, timestampMs } of samples) {
      expect(labels).toMatchObject({ pipeline: 'web', metric: 'cpu', host: 'a', cluster: 'eu' })
      expect(timestampMs).toBe(5 * MINUTE_MS)
    }
    expect(samples.at(-1)?.labels['alarm']).toBe('high')
  })

  it("uses vmanomaly's names, and one set of bands for each input", () => {
    const table = tableOf({ naming: 'vmanomaly' })
    const inputs = [madeInput({ name: 'p50' }), madeInput({ name: 'p99', value: 40 })]
    const samples = read(table.samplesOf(makeSeries('latency', { host: 'a' }), madePoint({ inputs })))
    const named = (name: string) => samples.filter(({ labels }) => labels['__name__'] === name)
    expect(named('y').map(({ labels, value }) => [labels['for'], value])).toEqual([
      ['p50', 10],
      ['p99', 40],
    ])
    expect(named('anomaly_score').map(({ labels }) => labels['for'])).toEqual(['latency'])
  })

  it('ends what is no longer known with one stale marker, and begins no series without a value', () => {
    const table = tableOf()
    const gap = { inputs: [madeInput({ value: Number.NaN })] }
    const values = (samples: readonly WriteSample[] | string) =>
      read(samples)
        .filter(({ labels }) => labels['__name__'] === 'tidegauge_value')
        .map(({ value }) => value)
    expect(values(table.samplesOf(CPU, madePoint({ timestampMs: 0, ...gap })))).toEqual([])
    expect(values(table.samplesOf(CPU, madePoint({ timestampMs: 1, value: 7 })))).toEqual([7])
    expect(values(table.samplesOf(CPU, madePoint({ timestampMs: 2, ...gap })))).toEqual([Number.NaN])
    expect(values(table.samplesOf(CPU, madePoint({ timestampMs: 3, ...gap })))).toEqual([])
    expect(values(table.samplesOf(CPU, madePoint({ timestampMs: 4, value: 8 })))).toEqual([8])
  })

  it('refuses what it was given before, and what Prometheus could not tell from another series', () => {
    const table = tableOf()
    table.samplesOf(CPU, madePoint({ timestampMs: MINUTE_MS }))
    expect(table.samplesOf(CPU, madePoint({ timestampMs: MINUTE_MS }))).toBe('already_sent')
    expect(table.samplesOf(CPU, madePoint({ timestampMs: 0 }))).toBe('already_sent')
    table.samplesOf(makeSeries('cpu', { 'a.b': '1' }), madePoint())
    expect(table.samplesOf(makeSeries('cpu', { a_b: '1' }), madePoint())).toBe('label_clash')
  })

  it('ends a series that ended, one period after its newest point, and lets another take its labels', () => {
    const table = tableOf()
    table.samplesOf(makeSeries('cpu', { 'a.b': '1' }), madePoint({ timestampMs: MINUTE_MS }))
    const ended = read(table.end('cpu{a.b="1"}'))
    expect(ended).toHaveLength(7)
    expect(ended.every(({ value, timestampMs }) => Number.isNaN(value) && timestampMs === 2 * MINUTE_MS)).toBe(true)
    expect(table.end('cpu{a.b="1"}')).toEqual([])
    expect(table.samplesOf(makeSeries('cpu', { a_b: '1' }), madePoint())).toHaveLength(7)
  })

  it('remembers no more series than it may', () => {
    const table = tableOf({ limit: 10 })
    for (let i = 0; i < 100; i++) table.samplesOf(makeSeries('cpu', { host: String(i) }), madePoint())
    expect(table.size).toBe(10)
  })
})
