import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttp } from '../../src/adapters/http/server.ts'
import { createPrometheusMetrics } from '../../src/adapters/prometheus/prometheus.ts'
import { type Labels, makeSeries } from '../../src/core/series.ts'
import { AlarmBoard } from '../../src/runtime/alarm-board.ts'
import { SeriesBoard, seriesIdOf } from '../../src/runtime/series-board.ts'
import { httpPorts } from '../support/http-ports.ts'
import { madeAlarm, madeInput, madePoint } from '../support/made-points.ts'
import { type Prometheus, type PrometheusOptions, startPrometheus } from '../support/prometheus.ts'

const TOKEN = 'scrape-me-if-you-can'

/** The real server with the real exposition, and a real Prometheus that scrapes it as deploy/prometheus would. */
async function serve(options: Partial<PrometheusOptions> = {}) {
  const alarms = new AlarmBoard(1_000)
  const board = new SeriesBoard({ nowMs: () => Date.now() }, alarms)
  for (const pipeline of ['web', 'vm']) {
    board.addPipeline(pipeline, { seriesMax: 20_000, pointsPerSeries: 10, staleAfterMs: 600_000 })
  }
  const metrics = createPrometheusMetrics({
    series: board,
    alarms,
    exposure: (pipeline) => ({ naming: pipeline === 'vm' ? 'vmanomaly' : 'tidegauge', seriesLimit: 20_000 }),
    version: '1.2.3',
    nodeVersion: process.version,
  })
  const { ports } = httpPorts({ metrics, series: board, alarms, telemetry: metrics.telemetry })
  const tokens = [{ token: TOKEN, scopes: ['read' as const] }]
  const server = await startHttp({ port: 0, version: '1.2.3', tokens }, ports)
  const target = new URL(server.url).host
  const prometheus = await startPrometheus({ target, honorLabels: true, bearerToken: TOKEN, ...options })
  return {
    board,
    server,
    prometheus,
    telemetry: metrics.telemetry,
    publish: (labels: Labels, point?: Parameters<typeof madePoint>[0], pipeline = 'web') =>
      board.publish(pipeline, [{ series: makeSeries('cpu', labels), point: madePoint(point) }]),
    setAlarm: (labels: Labels, alarm: Parameters<typeof madeAlarm>[0]) => {
      const { key } = makeSeries('cpu', labels)
      const of = { pipeline: 'web', seriesId: seriesIdOf('web', key), seriesKey: key, labels }
      alarms.set(of, madeAlarm(alarm))
    },
    stop: async () => {
      await prometheus.stop()
      await server.stop()
    },
  }
}

type Service = Awaited<ReturnType<typeof serve>>

const one = async (prometheus: Prometheus, expression: string) => {
  const samples = await prometheus.waitFor(expression)
  expect(samples, expression).toHaveLength(1)
  return samples[0]
}

describe('a real Prometheus', () => {
  let service: Service
  beforeAll(async () => {
    service = await serve()
  })
  afterAll(() => service.stop())

  it('is let in with its token only, and reads counters that start at 0', async () => {
    const { prometheus, server, telemetry } = service
    telemetry.emit({ type: 'pipeline_configured', pipeline: 'web', alarms: ['high'] })
    const task = { pipeline: 'web', topic: 'metrics', partition: 0 }
    telemetry.emit({ type: 'partition_progressed', ...task, lag: 42, watermarkMs: 1 })
    expect((await one(prometheus, 'up == 1'))?.value).toBe(1)
    const rejected = 'tidegauge_records_rejected_total{pipeline="web",reason="not_json"}'
    expect((await one(prometheus, rejected))?.value).toBe(0)
    expect((await one(prometheus, 'tidegauge_lag_records{topic="metrics",partition="0"}'))?.value).toBe(42)
    expect((await one(prometheus, 'tidegauge_process_resident_memory_bytes'))?.value).toBeGreaterThan(1e6)
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401)
  })

  it('reads every gauge of a series under its own labels, however odd they are', async () => {
    const { publish, setAlarm, prometheus } = service
    const odd = { host: 'a"b\\c\nd {x="1"}', instance: '10.0.0.1:9100', job: 'node', emoji: '🌊', blank: ' ' }
    publish(odd, { value: 12.5, score: 3.25, grade: 0.75, confidence: 0.5 })
    setAlarm(odd, { state: 'ALARM' })
    const labels = { ...odd, pipeline: 'web', metric: 'cpu' }
    const expected = [
      ['tidegauge_value', 12.5],
      ['tidegauge_expected_value', 9.5],
      ['tidegauge_band_lower', 8],
      ['tidegauge_band_upper', 11],
      ['tidegauge_anomaly_score', 3.25],
      ['tidegauge_anomaly_grade', 0.75],
      ['tidegauge_confidence', 0.5],
    ] as const
    for (const [name, value] of expected) {
      expect(await one(prometheus, `${name}{emoji="🌊"}`)).toMatchObject({
        value,
        metric: { ...labels, __name__: name },
      })
    }
    const state = await one(prometheus, 'tidegauge_alarm_state{emoji="🌊"}')
    expect(state).toMatchObject({ value: 2, metric: { ...labels, alarm: 'high' } })
    expect((await one(prometheus, 'tidegauge_value > tidegauge_band_upper'))?.metric['emoji']).toBe('🌊')
  })

  it('takes names that it could not, and names that are ours, escaped', async () => {
    const { publish, prometheus } = service
    publish({ 'k8s.pod-name': 'p', '0x': 'y', __name__: 'z', pipeline: 'theirs', alarm: 'theirs', größe: '1' })
    const found = await one(prometheus, 'tidegauge_value{k8s_pod_name="p"}')
    expect(found?.metric).toMatchObject({
      __name__: 'tidegauge_value',
      _0x: 'y',
      _name__: 'z',
      exported_pipeline: 'theirs',
      exported_alarm: 'theirs',
      gr__e: '1',
      pipeline: 'web',
      // The series brought none, so Prometheus's own stands.
      job: 'tidegauge',
    })
  })

  it('sees no value where there is none, and infinities as they are', async () => {
    const { publish, prometheus } = service
    const inputs = [madeInput({ value: Number.NaN, lower: Number.NEGATIVE_INFINITY, upper: 4e-320 })]
    publish({ host: 'gap' }, { inputs, reason: 'missing' })
    expect((await one(prometheus, 'tidegauge_band_lower{host="gap"}'))?.value).toBe(Number.NEGATIVE_INFINITY)
    expect((await one(prometheus, 'tidegauge_band_upper{host="gap"}'))?.value).toBe(4e-320)
    expect(await prometheus.query('tidegauge_value{host="gap"}')).toEqual([])
  })

  it('stops seeing a series that is gone, at once and not after five minutes', async () => {
    const { publish, board, prometheus } = service
    publish({ host: 'leaves', site: 'x' })
    publish({ host: 'stays', site: 'x' })
    await prometheus.waitFor('tidegauge_value{site="x"}', (samples) => samples.length === 2)
    board.remove('web', makeSeries('cpu', { host: 'leaves', site: 'x' }).key)
    const left = await prometheus.waitFor('tidegauge_value{site="x"}', (samples) => samples.length === 1)
    expect(left[0]?.metric['host']).toBe('stays')
  })

  it("reads vmanomaly's names", async () => {
    const { publish, prometheus } = service
    publish({ host: 'a' }, { value: 7 }, 'vm')
    expect(await one(prometheus, 'y{for="cpu"}')).toMatchObject({ value: 7, metric: { host: 'a' } })
    expect(await prometheus.query('yhat_upper - yhat_lower')).toMatchObject([{ value: 3 }])
    expect(await prometheus.query('tidegauge_value{pipeline="vm"}')).toEqual([])
  })
})

describe('a real Prometheus and ten thousand series', () => {
  it('reads all of them in one scrape', async () => {
    const { publish, prometheus, stop } = await serve({ scrapeIntervalMs: 10_000 })
    try {
      for (let i = 0; i < 10_000; i++) {
        const instance = `10.0.${i >> 8}.${i & 255}:9100`
        publish({ host: `host-${i % 500}`, instance, path: `/api/${i % 20}` }, { value: i })
      }
      await prometheus.waitFor('count(tidegauge_value)', ([count]) => count?.value === 10_000, 60_000)
      expect((await one(prometheus, 'scrape_samples_scraped'))?.value).toBeGreaterThan(70_000)
      expect((await one(prometheus, 'sum(tidegauge_value)'))?.value).toBe(49_995_000)
    } finally {
      await stop()
    }
  })
})
