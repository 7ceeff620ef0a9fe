import { describe, expect, it } from 'vitest'
import { createPrometheusMetrics } from '../../../../src/adapters/prometheus/prometheus.ts'
import { createRegistry } from '../../../../src/adapters/prometheus/registry.ts'
import { type Exposure, SeriesExposition } from '../../../../src/adapters/prometheus/series-exposition.ts'
import { makeSeries } from '../../../../src/core/series.ts'
import { AlarmBoard } from '../../../../src/runtime/alarm-board.ts'
import { SeriesBoard, seriesIdOf } from '../../../../src/runtime/series-board.ts'
import { madeAlarm, madeInput, madePoint } from '../../../support/made-points.ts'

const EXPOSURE: Exposure = { naming: 'tidegauge', seriesLimit: 100 }

function setUp(exposure: Exposure = EXPOSURE, seriesMax = 100) {
  const clock = { ms: 1_000_000, nowMs: () => clock.ms }
  const alarms = new AlarmBoard(100)
  const board = new SeriesBoard(clock, alarms)
  board.addPipeline('web', { seriesMax, pointsPerSeries: 5, staleAfterMs: 60_000 })
  const prometheus = createPrometheusMetrics({
    series: board,
    alarms,
    exposure: (pipeline) => (pipeline === 'web' ? exposure : EXPOSURE),
    version: '1.2.3',
    nodeVersion: 'v20',
  })
  const lines = async (pattern: RegExp) =>
    (await prometheus.scrape()).body.split('\n').filter((line) => pattern.test(line) && !line.startsWith('#'))
  return { clock, alarms, board, prometheus, lines }
}

const OWN = /^tidegauge_(value|expected_value|band_\w+|anomaly_\w+|confidence|alarm_state)\{/

describe('SeriesExposition', () => {
  it('shows the newest point of a series under its own labels', async () => {
    const { board, alarms, lines } = setUp()
    const series = makeSeries('cpu', { host: 'a"b\\c\nd', job: 'node' })
    board.publish('web', [{ series, point: madePoint({ score: 1.5, grade: 0.25, confidence: 0.75 }) }])
    const seriesId = seriesIdOf('web', series.key)
    alarms.set(
      { pipeline: 'web', seriesId, seriesKey: series.key, labels: series.labels },
      madeAlarm({ state: 'ALARM' }),
    )
    const labels = 'host="a\\"b\\\\c\\nd",job="node",pipeline="web",metric="cpu"'
    expect(await lines(OWN)).toEqual([
      `tidegauge_value{${labels}} 10`,
      `tidegauge_expected_value{${labels}} 9.5`,
      `tidegauge_band_lower{${labels}} 8`,
      `tidegauge_band_upper{${labels}} 11`,
      `tidegauge_anomaly_score{${labels}} 1.5`,
      `tidegauge_anomaly_grade{${labels}} 0.25`,
      `tidegauge_confidence{${labels}} 0.75`,
      `tidegauge_alarm_state{${labels},alarm="high"} 2`,
    ])
    expect(await lines(/^tidegauge_alarms\{/)).toEqual([
      'tidegauge_alarms{pipeline="web",alarm="high",state="OK"} 0',
      'tidegauge_alarms{pipeline="web",alarm="high",state="ALARM"} 1',
      'tidegauge_alarms{pipeline="web",alarm="high",state="INSUFFICIENT_DATA"} 0',
    ])
  })

  it('shows the five largest shares of a score that is graded, and none of one that is not', async () => {
    const { board, lines } = setUp()
    const attribution = [0.05, 0.3, 0.1, 0.25, 0.1, 0.2].map((share, lag) => ({
      input: 'value',
      lag,
      direction: lag === 3 ? ('below' as const) : ('above' as const),
      share,
    }))
    board.publish('web', [{ series: makeSeries('cpu', { host: 'a' }), point: madePoint({ grade: 0.5, attribution }) }])
    board.publish('web', [{ series: makeSeries('cpu', { host: 'b' }), point: madePoint() }])
    const of = 'tidegauge_anomaly_attribution{host="a",pipeline="web",metric="cpu"'
    expect(await lines(/^tidegauge_anomaly_attribution/)).toEqual([
      `${of},periods_back="1",side="above"} 0.3`,
      `${of},periods_back="3",side="below"} 0.25`,
      `${of},periods_back="5",side="above"} 0.2`,
      `${of},periods_back="2",side="above"} 0.1`,
      `${of},periods_back="4",side="above"} 0.1`,
    ])
  })

  it('counts the series whose values are written remotely, and does not show those a second time', async () => {
    const { board, lines } = setUp({ ...EXPOSURE, writtenRemotely: true })
    board.publish('web', [{ series: makeSeries('cpu', { host: 'a' }), point: madePoint() }])
    expect(await lines(OWN)).toEqual([])
    expect(await lines(/^tidegauge_series_exposed.*"TRAINED"/)).toEqual([
      'tidegauge_series_exposed{pipeline="web",training="TRAINED"} 1',
    ])
    expect(await lines(/^tidegauge_exposition_series_left_out/)).toEqual([
      'tidegauge_exposition_series_left_out{pipeline="web"} 0',
    ])
  })

  it('counts an alarm as 0 before any series has it, and when none has it any more', async () => {
    const { alarms, prometheus, lines } = setUp()
    prometheus.telemetry.emit({ type: 'pipeline_configured', pipeline: 'web', alarms: ['high'] })
    const firing = /^tidegauge_alarms\{.*state="ALARM"/
    expect(await lines(firing)).toEqual(['tidegauge_alarms{pipeline="web",alarm="high",state="ALARM"} 0'])
    alarms.set({ pipeline: 'web', seriesId: 'x', seriesKey: 'cpu', labels: {} }, madeAlarm({ state: 'ALARM' }))
    expect(await lines(firing)).toEqual(['tidegauge_alarms{pipeline="web",alarm="high",state="ALARM"} 1'])
    alarms.remove('x')
    expect(await lines(firing)).toEqual(['tidegauge_alarms{pipeline="web",alarm="high",state="ALARM"} 0'])
  })

  it("can take vmanomaly's names", async () => {
    const { board, lines } = setUp({ naming: 'vmanomaly', seriesLimit: 100 })
    board.publish('web', [{ series: makeSeries('cpu', { host: 'a' }), point: madePoint() }])
    const labels = 'host="a",pipeline="web",for="cpu"'
    expect(await lines(/host="a"/)).toEqual([
      `y{${labels}} 10`,
      `yhat{${labels}} 9.5`,
      `yhat_lower{${labels}} 8`,
      `yhat_upper{${labels}} 11`,
      `anomaly_score{${labels}} 0.5`,
      `anomaly_grade{${labels}} 0`,
      `anomaly_confidence{${labels}} 0.9`,
    ])
  })

  it('shows each pipeline under its own naming, and no more of it than it may', async () => {
    const { board, lines } = setUp({ naming: 'vmanomaly', seriesLimit: 1 })
    board.addPipeline('db', { seriesMax: 10, pointsPerSeries: 5, staleAfterMs: 60_000 })
    for (const host of ['a', 'b']) {
      board.publish('web', [{ series: makeSeries('cpu', { host }), point: madePoint() }])
      board.publish('db', [{ series: makeSeries('cpu', { host }), point: madePoint() }])
    }
    expect(await lines(/^(y|tidegauge_value)\{/)).toEqual([
      'tidegauge_value{host="a",pipeline="db",metric="cpu"} 10',
      'tidegauge_value{host="b",pipeline="db",metric="cpu"} 10',
      'y{host="a",pipeline="web",for="cpu"} 10',
    ])
    expect(await lines(/^tidegauge_exposition_series_left_out/)).toEqual([
      'tidegauge_exposition_series_left_out{pipeline="web"} 1',
      'tidegauge_exposition_series_left_out{pipeline="db"} 0',
    ])
  })

  it('shows every input of a joined series, and its score once', async () => {
    const { board, lines } = setUp()
    const inputs = [madeInput({ name: 'cpu', value: 1 }), madeInput({ name: 'memory', value: 2 })]
    board.publish('web', [{ series: makeSeries('host', { host: 'a' }), point: madePoint({ inputs }) }])
    expect(await lines(/^tidegauge_(value|anomaly_score)/)).toEqual([
      'tidegauge_value{host="a",pipeline="web",metric="cpu"} 1',
      'tidegauge_value{host="a",pipeline="web",metric="memory"} 2',
      'tidegauge_anomaly_score{host="a",pipeline="web",metric="host"} 0.5',
    ])
  })

  it('leaves out what is not known, but not infinities', async () => {
    const { board, lines } = setUp()
    const nothing = Number.NaN
    const inputs = [madeInput({ value: nothing, expected: nothing, lower: Number.NEGATIVE_INFINITY, upper: 5 })]
    board.publish('web', [{ series: makeSeries('cpu', {}), point: madePoint({ inputs, reason: 'missing' }) }])
    expect(await lines(/^tidegauge_(value|expected_value|band)/)).toEqual([
      'tidegauge_band_lower{pipeline="web",metric="cpu"} -Inf',
      'tidegauge_band_upper{pipeline="web",metric="cpu"} 5',
    ])
  })

  it('follows the board: new values, silent series, counts', async () => {
    const { board, clock, lines } = setUp(EXPOSURE, 2)
    for (const host of ['a', 'b', 'c', 'd'])
      board.publish('web', [{ series: makeSeries('cpu', { host }), point: madePoint() }])
    expect(await lines(/^tidegauge_value/)).toHaveLength(2)
    expect(await lines(/^tidegauge_exposition_points_left_out_total/)).toEqual([
      'tidegauge_exposition_points_left_out_total{pipeline="web"} 2',
    ])
    clock.ms += 40_000
    board.publish('web', [
      { series: makeSeries('cpu', { host: 'a' }), point: madePoint({ value: 77, state: 'PENDING_TRAINING' }) },
    ])
    clock.ms += 20_000
    expect(await lines(/^tidegauge_value/)).toEqual(['tidegauge_value{host="a",pipeline="web",metric="cpu"} 77'])
    expect(await lines(/^tidegauge_series_exposed/)).toEqual([
      'tidegauge_series_exposed{pipeline="web",training="PENDING_TRAINING"} 1',
      'tidegauge_series_exposed{pipeline="web",training="TRAINED_INSUFFICIENT_DATA"} 0',
      'tidegauge_series_exposed{pipeline="web",training="TRAINED"} 0',
    ])
    expect(await lines(/^tidegauge_exposition_points_left_out_total/)).toEqual([
      'tidegauge_exposition_points_left_out_total{pipeline="web"} 2',
    ])
  })

  it('escapes labels with our names on every gauge alike, and counts series that cannot be told apart', async () => {
    const { board, lines } = setUp()
    board.publish('web', [
      { series: makeSeries('cpu', { alarm: 'theirs', pipeline: 'p' }), point: madePoint({ value: 1 }) },
    ])
    board.publish('web', [{ series: makeSeries('cpu', { 'a.b': 'x' }), point: madePoint({ value: 2 }) }])
    board.publish('web', [{ series: makeSeries('cpu', { 'a-b': 'x' }), point: madePoint({ value: 3 }) }])
    expect(await lines(/^tidegauge_value/)).toEqual([
      'tidegauge_value{exported_alarm="theirs",exported_pipeline="p",pipeline="web",metric="cpu"} 1',
      'tidegauge_value{a_b="x",pipeline="web",metric="cpu"} 2',
    ])
    expect(await lines(/^tidegauge_exposition_label_clashes/)).toEqual(['tidegauge_exposition_label_clashes 1'])
  })

  it('says what it is and how the process fares', async () => {
    const { lines, prometheus } = setUp()
    expect(await lines(/^tidegauge_build_info/)).toEqual(['tidegauge_build_info{version="1.2.3",node_version="v20"} 1'])
    expect(await lines(/^tidegauge_nodejs_eventloop_lag_seconds/)).toHaveLength(1)
    expect((await prometheus.scrape()).contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  it('gives the same values as objects', async () => {
    const { board, alarms } = setUp()
    const { registry, metrics } = createRegistry()
    const exposition = new SeriesExposition(registry, { metrics, series: board, alarms, exposure: () => EXPOSURE })
    board.publish('web', [{ series: makeSeries('cpu', { host: 'a' }), point: madePoint({ value: 4 }) }])
    exposition.refresh()
    const found = (await registry.getMetricsAsJSON()).find((metric) => metric.name === 'tidegauge_value')
    expect(found?.values).toEqual([{ labels: { host: 'a', pipeline: 'web', metric: 'cpu' }, value: 4 }])
  })
})
