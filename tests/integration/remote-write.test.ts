import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { OutboundHttp } from '../../src/adapters/notify/outbound-http.ts'
import { RemoteWriter } from '../../src/adapters/prometheus/remote-write/remote-writer.ts'
import { makeSeries } from '../../src/core/series.ts'
import { ConditionLog } from '../../src/runtime/condition-log.ts'
import { timerSleep } from '../../src/runtime/retry.ts'
import { madePoint } from '../support/made-points.ts'
import { type Prometheus, startPrometheus } from '../support/prometheus.ts'
import { RecordingLogger } from '../support/recording-logger.ts'
import { RecordingTelemetry } from '../support/recording-telemetry.ts'

const MINUTE_MS = 60_000
const HOSTS = ['a', 'b', 'c']

let prometheus: Prometheus
beforeEach(async () => {
  prometheus = await startPrometheus({ remoteWriteReceiver: true })
})
afterEach(() => prometheus.stop())

const clock = { nowMs: () => Date.now() }
/** Whole minutes, half an hour ago. */
const beginningMs = () => Math.floor(Date.now() / MINUTE_MS - 30) * MINUTE_MS

function writerTo({ url }: Prometheus) {
  const telemetry = new RecordingTelemetry()
  const logger = new RecordingLogger()
  const http = new OutboundHttp({
    where: 'sinks.remoteWrite.url',
    url: `${url}/api/v1/write`,
    allowPrivate: true,
    clock,
  })
  const writer = new RemoteWriter(
    {
      pipeline: 'web',
      naming: 'tidegauge',
      periodMs: MINUTE_MS,
      labels: { job: 'tidegauge' },
      limit: 1_000,
      queueSamples: 100_000,
      maxAgeMs: 3_600_000,
    },
    {
      post: (request, signal) => http.post(request, signal),
      clock,
      sleep: timerSleep,
      random: Math.random,
      telemetry,
      conditions: new ConditionLog(logger, clock),
    },
  )
  const publish = (startMs: number, from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const point = madePoint({ timestampMs: startMs + i * MINUTE_MS, value: i })
      writer.publish({
        scores: HOSTS.map((host) => ({ series: makeSeries('cpu', { host }), point })),
        events: [],
        removed: [],
      })
    }
  }
  const sent = () =>
    telemetry.of('remote_write_attempted').reduce((sum, e) => sum + (e.outcome === 'ok' ? e.samples : 0), 0)
  return { writer, publish, sent, telemetry, logger, close: () => http.close() }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not come about within 30 s')
    await sleep(20)
  }
}

it('one point a minute survives five minutes without Prometheus, each at its own time', async () => {
  const { writer, publish, sent, telemetry, logger, close } = writerTo(prometheus)
  const startMs = beginningMs()
  publish(startMs, 0, 10)
  await until(() => sent() === 10 * HOSTS.length * 7)

  const comeBack = await prometheus.outage()
  publish(startMs, 10, 15)
  await until(() => telemetry.of('remote_write_attempted').filter(({ outcome }) => outcome === 'retried').length >= 3)
  await comeBack()
  publish(startMs, 15, 18)
  await writer.stop(30_000)
  await close()

  expect(telemetry.of('remote_write_dropped')).toEqual([])
  for (const name of ['tidegauge_value', 'tidegauge_band_lower', 'tidegauge_anomaly_grade', 'tidegauge_confidence']) {
    const stored = await prometheus.samples(name, 3_600)
    expect(stored.map(({ metric }) => metric['host']).sort(), name).toEqual(HOSTS)
    for (const { metric, samples } of stored) {
      expect(metric).toMatchObject({ pipeline: 'web', metric: 'cpu', job: 'tidegauge' })
      expect(samples.map(({ timestampMs }) => (timestampMs - startMs) / MINUTE_MS)).toEqual(
        Array.from({ length: 18 }, (_, i) => i),
      )
      if (name === 'tidegauge_value') expect(samples.map(({ value }) => value)).toEqual(samples.map((_, i) => i))
    }
  }
  const lines = logger.lines.map(({ message }) => message)
  expect(lines).toEqual(['remote write waits for its receiver', 'remote write goes on'])
})

it('what a restart sends again is let go, and what is new arrives', async () => {
  const startMs = beginningMs()
  const first = writerTo(prometheus)
  first.publish(startMs, 0, 10)
  await first.writer.stop(10_000)
  await first.close()

  const second = writerTo(prometheus)
  second.publish(startMs, 5, 14)
  await second.writer.stop(10_000)
  await second.close()
  const reasons = new Set(second.telemetry.of('remote_write_dropped').map(({ reason }) => reason))
  expect([...reasons]).toEqual(['out_of_order'])
  const lost = second.telemetry.of('remote_write_dropped').reduce((sum, { count }) => sum + count, 0)
  // The newest stored point may be written again; those before it may not. No new point goes with them.
  expect(lost).toBe(4 * HOSTS.length * 7)
  for (const { samples } of await prometheus.samples('tidegauge_value', 3_600)) {
    expect(samples.map(({ value }) => value)).toEqual(Array.from({ length: 14 }, (_, i) => i))
  }
})

it('ends a series where it ended, and not five minutes later', async () => {
  const startMs = Math.floor(Date.now() / MINUTE_MS - 2) * MINUTE_MS
  const { writer, publish, close } = writerTo(prometheus)
  publish(startMs, 0, 1)
  writer.publish({ scores: [], events: [], removed: [makeSeries('cpu', { host: 'a' }).key] })
  await writer.stop(10_000)
  await close()
  const now = await prometheus.query('tidegauge_value')
  expect(now.map(({ metric }) => metric['host']).sort()).toEqual(['b', 'c'])
})
