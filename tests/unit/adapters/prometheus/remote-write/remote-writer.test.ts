import { setImmediate } from 'node:timers/promises'
import { uncompressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import {
  RemoteWriter,
  type RemoteWriterOptions,
} from '../../../../../src/adapters/prometheus/remote-write/remote-writer.ts'
import type { AlarmEvent } from '../../../../../src/alarm/alarm-event.ts'
import { makeSeries } from '../../../../../src/core/series.ts'
import { ConditionLog } from '../../../../../src/runtime/condition-log.ts'
import type { PostAnswer } from '../../../../../src/runtime/post.ts'
import type { RemoteWriteDrop } from '../../../../../src/runtime/telemetry.ts'
import { madePoint } from '../../../../support/made-points.ts'
import { RecordingLogger } from '../../../../support/recording-logger.ts'
import { RecordingTelemetry } from '../../../../support/recording-telemetry.ts'
import { type ReadSample, readWriteRequest } from '../../../../support/write-requests.ts'

const MINUTE_MS = 60_000
const NOW_MS = 1_000 * MINUTE_MS
const CPU = makeSeries('cpu', { host: 'a' })

const TAKEN: PostAnswer = { kind: 'delivered', status: 204, detail: 'the receiver answered 204', text: '' }
const AWAY: PostAnswer = { kind: 'retry', reason: 'unreachable', detail: 'ECONNREFUSED', text: '' }
const refusal = (status: number, text = ''): PostAnswer => ({
  kind: 'refused',
  reason: 'client_error',
  status,
  detail: `the receiver answered ${status}`,
  text,
})

/** A writer whose receiver answers as the test says; without an answer it has taken the request. */
function setUp(
  answer: (samples: readonly ReadSample[], request: number) => PostAnswer | undefined = () => undefined,
  over: Partial<RemoteWriterOptions> = {},
) {
  const telemetry = new RecordingTelemetry()
  const logger = new RecordingLogger()
  const clock = { nowMs: () => NOW_MS }
  const taken: ReadSample[] = []
  const waits: number[] = []
  let requests = 0
  const options = {
    pipeline: 'web',
    naming: 'tidegauge',
    periodMs: MINUTE_MS,
    labels: {},
    limit: 100,
    queueSamples: 10_000,
    maxAgeMs: 3_600_000,
  } as const
  const writer = new RemoteWriter(
    { ...options, ...over },
    {
      clock,
      telemetry,
      random: () => 0,
      conditions: new ConditionLog(logger, clock),
      sleep: async (ms) => {
        waits.push(ms)
        // A turn of the event loop, so that the timer of a stop can go off between two attempts.
        await setImmediate()
      },
      post: async ({ body, headers }) => {
        expect(headers).toMatchObject({ 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' })
        const samples = readWriteRequest(uncompressSync(Buffer.from(body)) as Buffer)
        const given = answer(samples, requests++) ?? TAKEN
        if (given.kind === 'delivered') taken.push(...samples)
        return given
      },
    },
  )
  const publish = (minutes: readonly number[], series = CPU, events: readonly AlarmEvent[] = []) =>
    writer.publish({
      scores: minutes.map((i) => ({ series, point: madePoint({ timestampMs: NOW_MS + i * MINUTE_MS, value: i }) })),
      events,
      removed: [],
    })
  const values = (name = 'tidegauge_value') => taken.filter(({ labels }) => labels['__name__'] === name)
  const dropped = () => {
    const sums: Partial<Record<RemoteWriteDrop, number>> = {}
    for (const { reason, count } of telemetry.of('remote_write_dropped')) sums[reason] = (sums[reason] ?? 0) + count
    return sums
  }
  return { writer, publish, taken, values, waits, dropped, telemetry, logger, requests: () => requests }
}

describe('RemoteWriter', () => {
  it('sends every point with its own time, in few requests', async () => {
    const { writer, publish, values, telemetry, requests } = setUp()
    publish([-3, -2])
    publish([-1])
    await writer.stop(1_000)
    expect(values().map(({ timestampMs, value }) => [(timestampMs - NOW_MS) / MINUTE_MS, value])).toEqual([
      [-3, -3],
      [-2, -2],
      [-1, -1],
    ])
    expect(requests()).toBe(1)
    expect(telemetry.events).toContainEqual(
      expect.objectContaining({
        type: 'remote_write_attempted',
        outcome: 'ok',
        samples: 21,
        newestMs: NOW_MS - MINUTE_MS,
      }),
    )
    expect(telemetry.events.at(-1)).toEqual({ type: 'remote_write_pending', pipeline: 'web', count: 0 })
  })

  it('tries again for as long as the receiver is away, with growing pauses, and as long as it asks', async () => {
    const slow: PostAnswer = { kind: 'retry', reason: 'rate_limited', detail: '429', retryAfterMs: 60_000, text: '' }
    const { writer, publish, values, waits, dropped } = setUp((_, request) =>
      request < 3 ? AWAY : request === 3 ? slow : undefined,
    )
    publish([-1])
    await writer.stop(60_000)
    expect(values()).toHaveLength(1)
    expect(waits).toEqual([250, 125, 250, 500, 60_000])
    expect(dropped()).toEqual({})
  })

  it('isolates the samples for whose sake a request was refused', async () => {
    const refuses = (samples: readonly ReadSample[]) =>
      samples.some(({ timestampMs }) => timestampMs <= NOW_MS - 30 * MINUTE_MS)
        ? refusal(400, 'out of order sample\n')
        : undefined
    const { writer, publish, taken, dropped, logger } = setUp(refuses)
    publish(Array.from({ length: 40 }, (_, i) => i - 40))
    await writer.stop(1_000)
    // 280 samples and 128 requests to search with: no more than three that are in order go with those that are not.
    const { out_of_order: lost = 0, ...others } = dropped()
    expect(others).toEqual({})
    expect(lost).toBeGreaterThanOrEqual(11 * 7)
    expect(lost).toBeLessThanOrEqual(11 * 7 + 3)
    expect(taken).toHaveLength(40 * 7 - lost)
    expect(logger.lines.filter(({ message }) => message === 'remote write refused samples')).toHaveLength(1)
  })

  it('spends a bounded number of requests on a receiver that refuses everything, and fewer from then on', async () => {
    const { writer, publish, requests, dropped } = setUp(() => refusal(400, 'no'))
    publish(Array.from({ length: 50 }, (_, i) => i - 50))
    await writer.stop(1_000)
    expect(requests()).toBeLessThanOrEqual(1 + 128)
    expect(dropped()).toEqual({ client_error: 350 })
  })

  it.each([
    [refusal(401), 'unauthorized'],
    [refusal(403), 'unauthorized'],
    [refusal(404), 'client_error'],
    [{ ...refusal(302), reason: 'redirected' } as PostAnswer, 'redirected'],
    [{ ...refusal(0), reason: 'refused_by_policy' } as PostAnswer, 'refused_by_policy'],
  ])('does not ask twice when the answer is about the request as a whole', async (answer, reason) => {
    const { writer, publish, requests, dropped } = setUp(() => answer)
    publish([-1])
    await writer.stop(1_000)
    expect([requests(), dropped()]).toEqual([1, { [reason]: 7 }])
  })

  it('keeps the newest when its queue is full', async () => {
    let away = true
    const { writer, publish, values, dropped, telemetry } = setUp(() => (away ? AWAY : undefined), { queueSamples: 70 })
    publish(Array.from({ length: 50 }, (_, i) => i - 50))
    expect(telemetry.events.at(-1)).toMatchObject({ type: 'remote_write_pending' })
    away = false
    await writer.stop(1_000)
    expect(values().at(-1)?.value).toBe(-1)
    expect(values().length + (dropped().queue_full ?? 0) / 7).toBe(50)
  })

  it('sends nothing that is older than it may be, and nothing twice', async () => {
    const { writer, publish, values, dropped } = setUp()
    publish([-61, -60, -59])
    publish([-59, -58])
    await writer.stop(1_000)
    expect(values().map(({ value }) => value)).toEqual([-60, -59, -58])
    expect(dropped()).toEqual({ too_old: 7, already_sent: 7 })
  })

  it("gives each point the state that its alarms have from that point's period on", async () => {
    const { writer, publish, values } = setUp()
    const change = (endMinute: number, value: string) =>
      ({
        type: 'alarm.state_change',
        alarm: 'high',
        series: CPU,
        state: { value, timestamp: new Date(NOW_MS + endMinute * MINUTE_MS).toISOString() },
      }) as unknown as AlarmEvent
    writer.alarmsRestored([{ series: CPU, alarm: 'high', state: 'OK', sinceMs: 0, reason: '', reasonCode: 'created' }])
    publish([-5, -4, -3, -2, -1], CPU, [change(-3, 'ALARM'), change(-1, 'INSUFFICIENT_DATA')])
    await writer.stop(1_000)
    expect(values('tidegauge_alarm_state').map(({ value }) => value)).toEqual([0, 2, 2, 1, 1])
  })

  it('gives up what waits when it is stopped and the receiver stays away, and takes nothing more', async () => {
    const { writer, publish, dropped, taken } = setUp(() => AWAY)
    publish([-2])
    await writer.stop(30)
    publish([-1])
    expect([dropped(), taken]).toEqual([{ stopping: 7 }, []])
  })
})
