import type { ServerResponse } from 'node:http'
import type { Telemetry } from '../../runtime/telemetry.ts'
import type { AlarmView, HealthView, PipelineView, SeriesView } from '../../runtime/views.ts'
import { HttpError } from './http-error.ts'

export interface EventStreamOptions {
  /** Names this run of the process: whoever sees another one has a page of an earlier run. */
  readonly startId: string
  readonly version: string
  /** Streams at once; one more is refused. */
  readonly clientsMax: number
  /** How often a stream is looked after: new points and changes are sent together. */
  readonly tickMs: number
  readonly overviewMs: number
  /** A stream on which nothing was sent for this long gets a comment, so that both ends notice a dead connection. */
  readonly heartbeatMs: number
  /** A client that has not read what was sent for this long is dropped. */
  readonly patienceMs: number
}

export const EVENT_STREAM_DEFAULTS = {
  clientsMax: 500,
  tickMs: 500,
  overviewMs: 2_000,
  heartbeatMs: 15_000,
  patienceMs: 20_000,
} as const

export interface EventStreamPorts {
  readonly series: SeriesView
  readonly alarms: AlarmView
  readonly pipelines: PipelineView
  readonly health: HealthView
  readonly telemetry: Telemetry
}

/** What a client wants to hear of beside the overview and the alarms. */
export interface EventWish {
  readonly series: readonly string[]
  /** Points after this instant. */
  readonly sinceMs: number
}

interface Client {
  readonly response: ServerResponse
  /** By series: the instant of the newest point that was sent. */
  readonly sentMs: Map<string, number>
  alarmSequence: number
  overview: string
  lastWriteMs: number
}

const POINTS_AT_ONCE = 240
const CHANGES_AT_ONCE = 100
const WORST_SHOWN = 40
const ALARMS_SHOWN = 60
/** Of so many changes, those into and out of ALARM are shown, the newest first. */
const CHANGES_SEEN = 1_000
const CHANGES_SHOWN = 30

/**
 * Server-sent events: `hello` (which run of the process this is), `overview` (pipelines, problems, the worst series,
 * alarms and their changes), `points` of the series asked for, and `alarms` (changes of state). Nothing is queued for a client: at each
 * tick it gets what came since it was last written to, read from the boards. So a slow one costs no memory and loses
 * nothing until it is dropped, and the overview is made once for all.
 */
export class EventStreams {
  readonly #options: EventStreamOptions
  readonly #ports: EventStreamPorts
  readonly #clients = new Set<Client>()
  #timer: NodeJS.Timeout | undefined
  #overview = ''
  #overviewMs = Number.NEGATIVE_INFINITY

  constructor(options: EventStreamOptions, ports: EventStreamPorts) {
    this.#options = options
    this.#ports = ports
  }

  get size(): number {
    return this.#clients.size
  }

  /** Throws `unavailable` when as many are open as may be; to be asked before anything is written. */
  admit(): void {
    if (this.#clients.size < this.#options.clientsMax) return
    throw new HttpError('unavailable', `${this.#options.clientsMax} pages are open, and no more are kept up to date`, {
      hint: 'close some, or look again later: everything can still be asked for without events',
      retryAfterMs: 15_000,
    })
  }

  /** Keeps a response up to date until either end closes it. Its head must not have been written. */
  open(response: ServerResponse, wish: EventWish): void {
    const { startId, version, heartbeatMs } = this.#options
    const client: Client = {
      response,
      sentMs: new Map(wish.series.map((id) => [id, wish.sinceMs])),
      alarmSequence: this.#ports.alarms.changesSince(0, 0).sequence,
      overview: '',
      lastWriteMs: Date.now(),
    }
    this.#clients.add(client)
    this.#count()
    response.on('close', () => this.#forget(client))
    response.on('error', () => this.#forget(client))
    this.#write(client, event('hello', { startId, version, heartbeatMs }))
    this.#timer ??= setInterval(() => this.#tick(), this.#options.tickMs).unref()
    this.#serve(client)
  }

  /** Ends all streams, as when the server stops. */
  close(): void {
    for (const { response } of this.#clients) response.end()
    this.#clients.clear()
    this.#count()
    this.#rest()
  }

  #forget(client: Client): void {
    this.#clients.delete(client)
    this.#count()
    if (this.#clients.size === 0) this.#rest()
  }

  #count(): void {
    this.#ports.telemetry.emit({ type: 'event_streams_counted', open: this.#clients.size })
  }

  #rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    for (const client of this.#clients) {
      // What was written last is still in the buffer: the client, or the way to it, is slow.
      if (client.response.writableLength === 0) this.#serve(client)
      else if (Date.now() - client.lastWriteMs > this.#options.patienceMs) client.response.destroy()
    }
  }

  #serve(client: Client): void {
    const { alarms, series } = this.#ports
    const parts: string[] = []
    for (const [seriesId, sentMs] of client.sentMs) {
      const points = series.points(seriesId, { startMs: sentMs + 1, endMs: Number.POSITIVE_INFINITY }, POINTS_AT_ONCE)
      const newest = points?.at(-1)
      if (newest === undefined) continue
      client.sentMs.set(seriesId, newest.timestampMs)
      parts.push(event('points', { seriesId, points }))
    }
    const { sequence, items } = alarms.changesSince(client.alarmSequence, CHANGES_AT_ONCE)
    if (sequence > client.alarmSequence) {
      const missed = sequence - client.alarmSequence - items.length
      client.alarmSequence = sequence
      parts.push(event('alarms', { changes: items, missed }))
    }
    const overview = this.#freshOverview()
    if (overview !== client.overview) {
      client.overview = overview
      parts.push(overview)
    }
    if (parts.length > 0) this.#write(client, parts.join(''))
    else if (Date.now() - client.lastWriteMs >= this.#options.heartbeatMs) this.#write(client, ': still here\n\n')
  }

  #write(client: Client, text: string): void {
    client.lastWriteMs = Date.now()
    client.response.write(text)
  }

  #freshOverview(): string {
    const nowMs = Date.now()
    if (nowMs - this.#overviewMs < this.#options.overviewMs) return this.#overview
    this.#overviewMs = nowMs
    const { series, alarms, pipelines, health } = this.#ports
    this.#overview = event('overview', {
      pipelines: pipelines.listPipelines(),
      problems: health.ready(),
      degraded: health.degraded?.() ?? [],
      worst: series.list({ sort: 'grade', offset: 0, limit: WORST_SHOWN }),
      alarms: alarms.listAlarms({ state: 'ALARM', offset: 0, limit: ALARMS_SHOWN }),
      changes: alarms
        .changesSince(0, CHANGES_SEEN)
        .items.filter(({ from, to }) => from === 'ALARM' || to === 'ALARM')
        .slice(-CHANGES_SHOWN)
        .reverse(),
    })
    return this.#overview
  }
}

/** One event in the text/event-stream format; JSON holds no line ends. */
const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
