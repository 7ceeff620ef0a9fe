import { compress } from 'snappy'
import type { AlarmEvent } from '../../../alarm/alarm-event.ts'
import type { ScoredPoint } from '../../../band/scored-point.ts'
import type { Clock } from '../../../core/clock.ts'
import type { ConditionLog } from '../../../runtime/condition-log.ts'
import type { PostAnswer, PostBytes } from '../../../runtime/post.ts'
import type { ResultSink, ShownResults } from '../../../runtime/result-sink.ts'
import { type Attempt, type RetryPolicy, retry, type Sleep } from '../../../runtime/retry.ts'
import type { RestoredAlarm } from '../../../runtime/step-report.ts'
import type { RemoteWriteDrop, Telemetry } from '../../../runtime/telemetry.ts'
import { SampleQueue } from './sample-queue.ts'
import { SeriesTable, type SeriesTableOptions } from './series-table.ts'
import { encodeWriteRequest, type WriteSample } from './write-request.ts'

export interface RemoteWriterOptions extends SeriesTableOptions {
  /** Samples that may wait. */
  readonly queueSamples: number
  /** Points older than this, event time against the wall clock, are not sent. */
  readonly maxAgeMs: number
}

export interface RemoteWriterPorts {
  readonly post: PostBytes
  readonly clock: Clock
  readonly sleep: Sleep
  /** Uniform over [0, 1). */
  readonly random: () => number
  readonly telemetry: Telemetry
  readonly conditions: ConditionLog
}

const SAMPLES_PER_REQUEST = 2_000
/** What is written comes in bursts, one a period; so long is waited for the rest of it. */
const LINGER_MS = 250
/** A receiver that is away is asked again for as long as the queue lasts: only an answer ends it. */
const PATIENCE: RetryPolicy = {
  attempts: Number.POSITIVE_INFINITY,
  baseMs: 250,
  maxMs: 10_000,
  retryAfterMaxMs: 300_000,
}
/** Requests that may be spent on finding the samples for whose sake a whole request was refused; fewer, while nothing is taken. */
const SEARCH_MAX = 128
const SEARCH_MIN = 2

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
} as const

/**
 * Writes the points of one pipeline to Prometheus, or to whatever speaks remote write 1.0, with the timestamps of their
 * periods. One request at a time, so the samples of a series arrive in order. What the receiver cannot take now waits in
 * a bounded queue; what it does not want is dropped and counted, by reason.
 */
export class RemoteWriter implements ResultSink {
  readonly #options: RemoteWriterOptions
  readonly #ports: RemoteWriterPorts
  readonly #table: SeriesTable
  readonly #queue: SampleQueue
  readonly #hurry = new AbortController()
  readonly #abandon = new AbortController()
  #underWay = 0
  #search = SEARCH_MAX
  #working: Promise<void> | undefined

  constructor(options: RemoteWriterOptions, ports: RemoteWriterPorts) {
    this.#options = options
    this.#ports = ports
    this.#table = new SeriesTable(options)
    this.#queue = new SampleQueue({ samples: options.queueSamples, perRequest: SAMPLES_PER_REQUEST })
    ports.telemetry.emit({ type: 'remote_write_configured', pipeline: options.pipeline })
  }

  alarmsRestored(alarms: readonly RestoredAlarm[]): void {
    for (const { series, alarm, state } of alarms) this.#table.setAlarm(series.key, alarm, state)
  }

  publish({ scores, events, removed }: ShownResults): void {
    if (this.#hurry.signal.aborted) return
    const changes = changesOf(events)
    const drops = new Map<RemoteWriteDrop, number>()
    const drop = (reason: RemoteWriteDrop, count: number) => drops.set(reason, (drops.get(reason) ?? 0) + count)
    const oldestMs = this.#ports.clock.nowMs() - this.#options.maxAgeMs
    for (const { series, point } of scores) {
      this.#applyUntil(changes.get(series.key), point.timestampMs + this.#options.periodMs)
      const samples = point.timestampMs < oldestMs ? 'too_old' : this.#table.samplesOf(series, point)
      if (typeof samples === 'string') drop(samples, samplesIn(point))
      else for (const sample of samples) drop('queue_full', this.#queue.push(sample))
    }
    for (const left of changes.values()) this.#applyUntil(left, Number.POSITIVE_INFINITY)
    for (const key of removed) for (const sample of this.#table.end(key)) drop('queue_full', this.#queue.push(sample))
    for (const [reason, count] of drops) this.#dropped(reason, count)
    this.#pending()
    if (this.#queue.size > 0) this.#work()
  }

  /** Sends what waits, for at most so long; the rest is dropped. */
  async stop(patienceMs: number): Promise<void> {
    this.#hurry.abort()
    const late = setTimeout(() => this.#abandon.abort(), patienceMs)
    while (this.#working !== undefined) await this.#working
    clearTimeout(late)
    this.#dropped('stopping', this.#queue.clear())
    this.#pending()
  }

  /** Each change of an alarm goes with the point of the period that brought it. */
  #applyUntil(changes: AlarmEvent[] | undefined, untilMs: number): void {
    for (let next = changes?.[0]; next !== undefined; next = changes?.[0]) {
      if (Date.parse(next.state.timestamp) > untilMs) return
      changes?.shift()
      this.#table.setAlarm(next.series.key, next.alarm, next.state.value)
    }
  }

  #work(): void {
    this.#working ??= this.#sendAll().finally(() => {
      this.#working = undefined
      // Published after the last look into the queue.
      if (this.#queue.size > 0 && !this.#abandon.signal.aborted) this.#work()
    })
  }

  async #sendAll(): Promise<void> {
    await this.#ports.sleep(LINGER_MS, this.#hurry.signal)
    while (this.#queue.size > 0 && !this.#abandon.signal.aborted) {
      const oldestMs = this.#ports.clock.nowMs() - this.#options.maxAgeMs
      const taken = this.#queue.take()
      const fresh = taken.filter(({ timestampMs }) => timestampMs >= oldestMs)
      this.#dropped('too_old', taken.length - fresh.length)
      this.#underWay = fresh.length
      // By time, so that the halves of a request are an older and a newer one; a series' samples keep their order.
      const ordered = fresh.toSorted((a, b) => a.timestampMs - b.timestampMs)
      if (ordered.length > 0) await this.#sendPiece(ordered)
      this.#underWay = 0
      this.#pending()
    }
  }

  async #sendPiece(samples: readonly WriteSample[]): Promise<void> {
    const { taken } = await this.#send(samples, this.#search)
    this.#search = taken > 0 ? SEARCH_MAX : Math.max(SEARCH_MIN, Math.floor(this.#search / 2))
  }

  /**
   * A receiver refuses a request for the sake of one sample in it, so its halves are tried, and theirs, older ones first.
   * Each half may spend half of the requests that are left, and the newer one what the older one did not need.
   */
  async #send(samples: readonly WriteSample[], requests: number): Promise<{ taken: number; left: number }> {
    const { sleep, random } = this.#ports
    const body = await compress(Buffer.from(encodeWriteRequest(samples)))
    const tools = { sleep, random, signal: this.#abandon.signal }
    const { value: answer } = await retry(() => this.#attempt(body, samples), PATIENCE, tools)
    if (answer?.kind === 'delivered') return { taken: samples.length, left: requests }
    if (answer?.kind !== 'refused') this.#dropped('stopping', samples.length)
    else if (isAboutSamples(answer) && samples.length > 1 && requests >= 2) {
      const middle = Math.ceil(samples.length / 2)
      const share = Math.floor((requests - 2) / 2)
      const older = await this.#send(samples.slice(0, middle), share)
      const newer = await this.#send(samples.slice(middle), requests - 2 - share + older.left)
      return { taken: older.taken + newer.taken, left: newer.left }
    } else this.#refused(answer, samples.length)
    return { taken: 0, left: requests }
  }

  #refused(answer: Refusal, count: number): void {
    const reason = dropOf(answer)
    this.#dropped(reason, count)
    this.#ports.conditions.report(this.#condition('refused'), 'warn', 'remote write refused samples', {
      pipeline: this.#options.pipeline,
      reason,
      detail: answer.detail,
      answer: answer.text.slice(0, 200),
      samples: count,
    })
  }

  async #attempt(body: Uint8Array, samples: readonly WriteSample[]): Promise<Attempt<PostAnswer>> {
    const { post, clock, telemetry, conditions } = this.#ports
    const { pipeline } = this.#options
    const startedMs = clock.nowMs()
    const answer = await post({ body, headers: HEADERS }, this.#abandon.signal)
    const outcome = answer.kind === 'delivered' ? 'ok' : answer.kind === 'retry' ? 'retried' : 'refused'
    telemetry.emit({
      type: 'remote_write_attempted',
      pipeline,
      outcome,
      samples: samples.length,
      newestMs: samples.at(-1)?.timestampMs ?? Number.NaN,
      durationMs: Math.max(0, clock.nowMs() - startedMs),
    })
    const away = this.#condition('away')
    if (answer.kind === 'retry') {
      const { reason, detail } = answer
      conditions.report(away, 'warn', 'remote write waits for its receiver', { pipeline, reason, detail })
      return { again: true, value: answer, retryAfterMs: answer.retryAfterMs }
    }
    if (answer.kind === 'delivered') conditions.clear(away, 'remote write goes on', { pipeline })
    return { again: false, value: answer }
  }

  #condition(what: string): string {
    return `remote_write_${what}/${this.#options.pipeline}`
  }

  #dropped(reason: RemoteWriteDrop, count: number): void {
    if (count === 0) return
    this.#ports.telemetry.emit({ type: 'remote_write_dropped', pipeline: this.#options.pipeline, reason, count })
  }

  #pending(): void {
    const count = this.#queue.size + this.#underWay
    this.#ports.telemetry.emit({ type: 'remote_write_pending', pipeline: this.#options.pipeline, count })
  }
}

/** Changes of state by series, in their order. */
function changesOf(events: readonly AlarmEvent[]): Map<string, AlarmEvent[]> {
  const bySeries = new Map<string, AlarmEvent[]>()
  for (const event of events) {
    if (event.type !== 'alarm.state_change') continue
    const known = bySeries.get(event.series.key)
    if (known === undefined) bySeries.set(event.series.key, [event])
    else known.push(event)
  }
  return bySeries
}

type Refusal = Extract<PostAnswer, { kind: 'refused' }>

/** How many samples a point is, without those of its alarms. */
const samplesIn = ({ inputs }: ScoredPoint) => 4 * inputs.length + 3

/** Whether fewer samples in a request might be taken. */
const isAboutSamples = ({ status }: PostAnswer) => status === 400 || status === 413

/** What receivers say of a sample that is older than what they hold. */
const OUT_OF_ORDER = /out of order|out of bounds|out-of-order|too old|too far in the past|duplicate sample/i

function dropOf({ status, reason, text }: Refusal): RemoteWriteDrop {
  if (reason === 'redirected' || reason === 'refused_by_policy') return reason
  if (status === 401 || status === 403) return 'unauthorized'
  return OUT_OF_ORDER.test(text) ? 'out_of_order' : 'client_error'
}
