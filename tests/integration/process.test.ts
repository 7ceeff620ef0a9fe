import { readdir } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Fleet } from '../../src/cli/demo/fleet.ts'
import type { Incident } from '../../src/cli/demo/fleet-incidents.ts'
import { compareOutputs } from '../support/compare-outputs.ts'
import { eventually } from '../support/kafka.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { fleetRecords, MINUTE_MS, metricOf, minutesAgo, RunLab } from '../support/run-lab.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

describe('a process', () => {
  it('turns metrics in Kafka into scores, alarms, signed webhooks and metrics', async () => {
    const [size, fromMs] = [40, minutesAgo(120)]
    const incident: Incident = {
      id: 'slow',
      kind: 'spike',
      story: 'requests of checkout take four times as long',
      match: { name: 'http_request_latency_ms', labels: { service: 'checkout' } },
      fromMs: fromMs + 60 * MINUTE_MS,
      toMs: fromMs + 70 * MINUTE_MS,
    }
    const fleet = new Fleet({ size, intervalMs: MINUTE_MS, incidents: [incident] })
    const ill = fleet.seriesOf(incident)
    const receiver = await WebhookReceiver.start(SECRET, () => ({ status: 200 }))
    onTestFinished(() => receiver.stop())
    const lab = await RunLab.create()
    await lab.createTopic(3)
    await lab.publish(fleetRecords({ size, incidents: [incident] }, fromMs, 90))
    const running = await lab.start('main', alarmWhenSlow(receiver.url))
    await running.ready()
    await lab.caughtUp('main')

    const outputs = await lab.outputs('main')
    const scores = outputs.filter(({ topic }) => topic.endsWith('.scores'))
    expect(new Set(scores.map(({ key }) => key))).toEqual(new Set(fleet.series.map(({ key }) => key)))
    const events = outputs.filter(({ topic }) => topic.endsWith('.alarms')).map(({ value }) => JSON.parse(value))
    const firing = events.filter((event) => event.state.value === 'ALARM')
    expect(new Set(firing.map((event) => event.series.key))).toEqual(new Set(ill))
    for (const { state } of firing) {
      expect(Date.parse(state.timestamp)).toBeGreaterThan(incident.fromMs)
      expect(Date.parse(state.timestamp)).toBeLessThanOrEqual(incident.toMs)
    }
    await eventually(() => ill.every((key) => receiver.received.some(({ body }) => keyIn(body) === key)))
    expect(receiver.received.every(({ verified }) => verified !== undefined)).toBe(true)
    const delivered = receiver.received.map(({ body }) => JSON.parse(body).data.id)
    expect(events.map(({ id }) => id)).toEqual(expect.arrayContaining(delivered))

    const prometheus = await startPrometheus({ target: new URL(await running.url()).host, honorLabels: true })
    onTestFinished(() => prometheus.stop())
    await prometheus.waitFor('count(tidegauge_value)', ([count]) => count?.value === size)
    await prometheus.waitFor('sum(tidegauge_records_committed_total)', ([sum]) => sum?.value === size * 90)
    await prometheus.waitFor(
      'sum(tidegauge_notifications_total{outcome="delivered"})',
      ([sum]) => (sum?.value ?? 0) > 0,
    )
    expect((await running.stop()).code).toBe(0)
  })

  it('neither forgets nor repeats anything when it is stopped or killed between', async () => {
    const [size, fromMs] = [120, minutesAgo(150)]
    const lab = await RunLab.create()
    await lab.createTopic(2)
    const input = fleetRecords({ size }, fromMs, 120)
    const half = input.length / 2
    await lab.publish(input.slice(0, half))

    const terminated = await lab.start('term', ALARMS)
    await lab.caughtUp('term', half - 1_000)
    expect(await terminated.stop()).toEqual({ code: 0, signal: null })
    const committed = half - (await lab.lag('term'))
    expect(committed).toBeGreaterThan(0)
    expect((await readdir(lab.stateDir('term'), { recursive: true })).some((name) => /manifest/.test(name))).toBe(true)
    const killed = await lab.start('kill', ALARMS)
    await lab.caughtUp('kill', half - 1_000)
    expect((await killed.kill()).signal).toBe('SIGKILL')

    await lab.publish(input.slice(half))
    for (const run of ['term', 'kill', 'undisturbed']) {
      const again = await lab.start(run, ALARMS)
      await lab.caughtUp(run)
      // What was learned before an orderly end is taken from the checkpoint, not learned again.
      if (run === 'term') {
        expect(await metricOf(again, 'tidegauge_series_restored_total')).toBe(size)
        expect(await metricOf(again, 'tidegauge_records_replayed_total')).toBe(0)
        expect(await metricOf(again, 'tidegauge_records_read_total')).toBe(input.length - committed)
      }
      expect((await again.stop()).code).toBe(0)
      expect(await lab.lag(run)).toBe(0)
    }
    const expected = await lab.outputs('undisturbed')
    expect(expected.length).toBeGreaterThan(size * 110)
    for (const run of ['term', 'kill']) {
      const { example, ...difference } = compareOutputs(expected, await lab.outputs(run))
      expect(difference, example).toMatchObject({ lost: 0, duplicated: 0, different: 0 })
    }
  })
})

/** A static threshold: what the forest thinks of the incident is not looked at here. */
function alarmWhenSlow(url: string): string {
  return `
alarms:
  - name: slow
    on: threshold
    threshold: 200
    operator: GreaterThanThreshold
    match: { name: http_request_latency_ms }
    actions: { alarm: [hook], ok: [hook] }
notify:
  - { name: hook, webhook: { url: "${url}", secret: ${SECRET}, allowPrivate: true } }
delivery: { maxAge: 1d }
`
}

const ALARMS = `
alarms:
  - { name: anomalous, on: grade, threshold: 0 }
  - { name: outside, on: band, evaluationPeriods: 3, datapointsToAlarm: 2 }
  - { name: busy, on: threshold, threshold: 30, operator: GreaterThanThreshold, match: { name: process_cpu_usage_percent } }
`

function keyIn(body: string): string {
  return JSON.parse(body).data.series.key
}
