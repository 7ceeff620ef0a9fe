import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type LocalBroker, startLocalBroker } from '../../src/adapters/kafka/local-broker.ts'
import { readAllCommitted } from '../support/committed-records.ts'
import { freePort } from '../support/ports.ts'
import { fleetRecords, metricOf, minutesAgo, RunLab } from '../support/run-lab.ts'
import type { Health } from '../support/tidegauge.ts'

const hasReason = (reason: string) => (health: Health) => health.problems.some((problem) => problem.reason === reason)

async function ownBroker(port: number, folder: string): Promise<LocalBroker> {
  const broker = await startLocalBroker({ port, folder })
  onTestFinished(() => broker.stop({ keep: true }))
  return broker
}

describe('bad input', () => {
  it('a topic that does not exist is waited for, with one line in the log, and read once it is there', async () => {
    const lab = await RunLab.create()
    const running = await lab.start('main', '')
    const waiting = await running.ready(hasReason('topic_missing'))
    expect(waiting.problems).toMatchObject([{ pipeline: 'lab', detail: expect.stringContaining(lab.topic) }])
    expect(await running.health('live')).toEqual({ status: 'ok', problems: [] })
    await sleep(3_000)
    const lines = running.log.filter((line) => line['code'] === 'TOPIC_MISSING')
    expect(lines).toHaveLength(1)
    expect(lines[0]?.msg).toContain('create it')
    expect(await metricOf(running, 'tidegauge_source_stalls_total', { reason: 'topic_missing' })).toBeGreaterThan(1)

    await lab.createTopic(1)
    await lab.publish(fleetRecords({ size: 5 }, minutesAgo(30), 20))
    await running.ready()
    await lab.caughtUp('main')
    expect((await lab.outputs('main')).length).toBeGreaterThan(50)
    expect((await running.stop()).code).toBe(0)
  })

  it('a broker that is down at the start, and one that goes away, are waited for', async () => {
    const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'tidegauge-broker-'))]
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const lab = await RunLab.create([`127.0.0.1:${port}`])
    const running = await lab.start('main', '')
    const waiting = await running.ready(hasReason('source_unreachable'))
    expect(waiting.problems).toMatchObject([
      { pipeline: 'lab', detail: expect.stringContaining('is the broker running') },
    ])
    expect((await running.health('live')).status).toBe('ok')

    const fromMs = minutesAgo(60)
    const broker = await ownBroker(port, folder)
    await lab.createTopic(1)
    const input = fleetRecords({ size: 5 }, fromMs, 40)
    await lab.publish(input.slice(0, 100))
    await running.ready()
    await lab.caughtUp('main')

    broker.signal('SIGKILL')
    await running.ready(hasReason('source_unreachable'))
    await ownBroker(port, folder)
    await lab.publish(input.slice(100))
    await running.ready()
    await lab.caughtUp('main')
    const scores = (await lab.outputs('main')).filter(({ topic }) => topic.endsWith('.scores'))
    const points = scores.map(({ key, timestampMs }) => `${key} ${timestampMs}`)
    expect(new Set(points).size).toBe(points.length)
    // The last minutes are still open.
    expect(points.length).toBeGreaterThanOrEqual(5 * 37)
    expect((await running.stop()).code).toBe(0)
  })

  it('records that make no sense go to the dead letters, saying why and where they were', async () => {
    const lab = await RunLab.create()
    await lab.createTopic(1)
    const [good] = fleetRecords({ size: 1 }, minutesAgo(30), 1)
    const sampleAt = (timestamp: unknown) => JSON.stringify({ name: 'm', labels: {}, timestamp, value: 1 })
    const bad = [
      ['not_json', '{"name": "m", "labels"'],
      ['name_missing', JSON.stringify({ labels: {}, timestamp: Date.now(), value: 1 })],
      ['value_invalid', JSON.stringify({ name: 'm', labels: {}, timestamp: Date.now(), value: 'many' })],
      ['timestamp_unit', sampleAt(Math.floor(Date.now() / 1000))],
      ['timestamp_future', sampleAt(Date.now() + 2 * 3_600_000)],
    ] as const
    await lab.publish([{ value: good?.value ?? '' }, ...bad.map(([, value]) => ({ value }))])
    const running = await lab.start('main', 'decode: { format: json, timestampUnit: ms }')
    await lab.caughtUp('main')
    const letters = await readAllCommitted(lab.kafka, lab.topicOf('main', 'dead-letter'))
    expect(letters.map(({ headers, value }) => [headers['tidegauge-reason'], value])).toEqual(bad)
    for (const [i, { headers }] of letters.entries()) {
      const origin = { 'tidegauge-topic': lab.topic, 'tidegauge-partition': '0', 'tidegauge-offset': String(i + 1) }
      expect(headers).toMatchObject({ ...origin, 'tidegauge-pipeline': 'lab' })
      expect(headers['tidegauge-detail']).not.toBe('')
    }
    expect(letters[3]?.headers['tidegauge-detail']).toContain('set decode.timestampUnit to s or auto')
    for (const [reason] of bad) expect(await metricOf(running, 'tidegauge_records_rejected_total', { reason })).toBe(1)
    expect((await running.health()).status).toBe('ok')
    expect((await running.stop()).code).toBe(0)
  })

  it('an explosion of labels is refused and counted, and those that are known go on', async () => {
    const lab = await RunLab.create()
    await lab.createTopic(1)
    const fromMs = minutesAgo(30)
    const calm = fleetRecords({ size: 20 }, fromMs, 10)
    const flood = Array.from({ length: 3_000 }, (_, i) => {
      const sample = { name: 'm', labels: { request_id: `r${i}` }, timestamp: fromMs + 600_000 + i, value: i }
      return { value: JSON.stringify(sample) }
    })
    await lab.publish([...calm, ...flood, ...fleetRecords({ size: 20 }, fromMs + 600_000, 10)])
    const running = await lab.start('main', 'series: { limit: 50 }')
    await lab.caughtUp('main')
    expect(await metricOf(running, 'tidegauge_series')).toBe(50)
    expect(await metricOf(running, 'tidegauge_series_changes_total', { change: 'refused' })).toBe(2_970)
    expect((await running.health()).status).toBe('ok')
    const scores = await readAllCommitted(lab.kafka, lab.topicOf('main', 'scores'))
    const known = scores.filter(({ key }) => key !== null && !key.startsWith('m{'))
    // Each of the twenty is scored in every minute that has been closed.
    expect(new Set(known.map(({ key, timestampMs }) => `${key} ${timestampMs}`)).size).toBeGreaterThanOrEqual(20 * 17)
    expect((await running.stop()).code).toBe(0)
  })
})
