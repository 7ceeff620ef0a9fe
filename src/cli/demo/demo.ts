import { fileURLToPath } from 'node:url'
import { parseAlarmEvent } from '../../alarm/alarm-event.ts'
import {
  type DemoKafka,
  type DemoReceiver,
  type DemoRecord,
  demoKafka,
  demoReceiver,
  HostMetrics,
  hostRecords,
} from '../../app/demo-services.ts'
import { processLogger, type RunningProcess, startProcess } from '../../app/process.ts'
import { loadPipelines } from '../../config/load.ts'
import { loadSettings } from '../../config/settings.ts'
import { TidegaugeError } from '../../core/errors.ts'
import { timerSleep } from '../../runtime/retry.ts'
import { type DemoSummary, summarize } from './demo-summary.ts'
import { Fleet, fleetRecord } from './fleet.ts'
import { type FleetTimes, fleetTimes } from './fleet-clock.ts'
import { scriptIncidents } from './fleet-incidents.ts'
import { Scoreboard } from './scoreboard.ts'
import { alarmLine, progressLine } from './terminal-lines.ts'

/** The fleet's time begins anew in every run, so each has topics of its own. */
const RUN = `-${Date.now().toString(36)}`
const FLEET = { pipeline: 'demo-fleet', topic: `tidegauge.demo.fleet${RUN}` }
const HOST = { pipeline: 'demo-host', topic: `tidegauge.demo.host${RUN}` }
const INTERVAL_MS = 600_000
/** Wall time that one interval of the fleet takes once its history is learned. */
const LIVE_PACE_MS = 350
const HOST_EVERY_MS = 1_000
const PROGRESS_EVERY_MS = 2_000
const HISTORY_CHUNK = 4_000
/** The live part begins when no more than this many records of the history wait. */
const LEARNED_LAG = 1_000

export interface DemoOptions {
  readonly embedded: boolean
  readonly brokers: string | undefined
  readonly httpPort: string
  readonly stateDir: string
  readonly print: (line: string) => void
}

const pipelineFile = (name: string) => fileURLToPath(new URL(`../../../pipelines/${name}.yaml`, import.meta.url))

/** One run of the demo: services, publishers, pipelines, and what the receiver got. */
export class Demo {
  readonly #options: DemoOptions
  readonly #times: FleetTimes
  readonly #fleet: Fleet
  readonly #score: Scoreboard
  readonly #stopping = new AbortController()
  readonly #startedMs = Date.now()
  readonly #webhooks = { received: 0, verified: 0 }
  #receiver: DemoReceiver | undefined
  #kafka: DemoKafka | undefined
  #running: RunningProcess | undefined
  /** Event time up to which the fleet was published. */
  #publishedMs: number
  #published = 0
  #pointed = false
  #publishing: Promise<unknown> = Promise.resolve()
  #fail: (error: unknown) => void = () => {}
  /** Rejects when a publisher or the process cannot go on. */
  readonly failed = new Promise<never>((_, reject) => {
    this.#fail = reject
  })

  private constructor(options: DemoOptions) {
    this.#options = options
    this.#times = fleetTimes(Date.now(), INTERVAL_MS)
    const incidents = scriptIncidents(this.#times.liveFromMs, INTERVAL_MS)
    this.#fleet = new Fleet({ intervalMs: INTERVAL_MS, incidents })
    this.#score = new Scoreboard(this.#fleet)
    this.#publishedMs = this.#times.historyFromMs
    this.failed.catch(() => {})
  }

  static async start(options: DemoOptions): Promise<Demo> {
    const demo = new Demo(options)
    try {
      await demo.#start()
      return demo
    } catch (thrown) {
      await demo.#release()
      throw thrown
    }
  }

  async #start(): Promise<void> {
    const { embedded, brokers, print } = this.#options
    const logger = processLogger({ logLevel: 'warn' })
    this.#receiver = await demoReceiver((webhook) => this.#onWebhook(webhook))
    print(`receiver   ${this.#receiver.url}, checks the signature of every webhook`)
    if (!embedded) {
      if (brokers === undefined) print('kafka      none is configured: starting Apache Kafka for the demo ...')
      this.#kafka = await demoKafka(brokers?.split(','), [FLEET.topic, HOST.topic], logger)
      print(`kafka      ${this.#kafka.brokers.join(', ')}`)
    }
    this.#running = await this.#startProcess()
    // First of all: it answers before anything is read.
    print(`page       ${this.#running.url}/`)
    await this.#running.started
    print(`metrics    ${this.#running.url}/metrics`)
    print(`API        ${this.#running.url}/api/openapi.json`)
    const { size, incidents } = this.#fleet.options
    print(
      `fleet      ${size} series, one value every 10 minutes: two days to learn from, then ${incidents.length} incidents`,
    )
    this.#publishing = Promise.all([this.#publishFleet(), this.#publishHost(), this.#report()]).catch((error) =>
      this.#fail(error),
    )
  }

  #startProcess(): Promise<RunningProcess> {
    const { embedded, httpPort, stateDir } = this.#options
    const { url = '', secret = '' } = this.#receiver ?? {}
    const variables: Readonly<Record<string, string>> = {
      DEMO_RUN: RUN,
      DEMO_WEBHOOK_URL: url,
      DEMO_WEBHOOK_SECRET: secret,
    }
    const environment = { variable: (name: string) => variables[name], file: () => undefined }
    const pipelines = loadPipelines([pipelineFile(FLEET.pipeline), pipelineFile(HOST.pipeline)], environment)
    if (!pipelines.ok) throw pipelines.error
    const flags = { stateDir, httpPort, ...(this.#kafka && { brokers: this.#kafka.brokers.join(',') }) }
    const settings = loadSettings(flags, environment)
    if (!settings.ok) throw settings.error
    return startProcess({
      settings: settings.value,
      pipelines: pipelines.value,
      embedded: embedded ? { kind: 'push', path: '', follow: false, description: 'the demo' } : undefined,
      logger: processLogger({ logLevel: 'warn' }),
    })
  }

  #onWebhook({ verified, body }: { readonly verified: boolean; readonly body: string }): void {
    this.#webhooks.received++
    if (verified) this.#webhooks.verified++
    const payload = JSON.parse(body) as { readonly data?: unknown }
    const event = parseAlarmEvent(JSON.stringify(payload.data))
    if (!event.ok) throw new TidegaugeError('INTERNAL', `the receiver got no alarm event: ${event.error}`)
    const incident = this.#score.note(event.value)
    // Every series goes from INSUFFICIENT_DATA to OK once: counted and checked, but no news.
    if (event.value.previousState.value === 'INSUFFICIENT_DATA' && event.value.state.value === 'OK') return
    // What was found in the days that were only learned from is no news either.
    if (event.value.pipeline === FLEET.pipeline && Date.parse(event.value.state.timestamp) < this.#times.liveFromMs)
      return
    this.#options.print(alarmLine(event.value, verified, incident))
    if (incident !== undefined && event.value.state.value === 'ALARM') this.#pointToPage(event.value.series.key)
  }

  /** Once, with the first alarm of an incident: where to see it. */
  #pointToPage(key: string): void {
    if (this.#pointed || this.#running === undefined) return
    const query = { pipeline: FLEET.pipeline, text: key, sort: 'key', offset: 0, limit: 1 } as const
    const [series] = this.#running.app.series.list(query).items
    if (series === undefined) return
    this.#pointed = true
    this.#options.print(`see it     ${this.#running.url}/#/series/${series.id}   (as long as this runs)`)
  }

  async #publish(to: typeof FLEET, records: readonly DemoRecord[]): Promise<void> {
    if (this.#kafka !== undefined) return this.#kafka.publish(to.topic, records)
    await this.#running?.push(
      to.pipeline,
      records.map(({ value }) => new TextEncoder().encode(value)),
    )
  }

  async #publishFleet(): Promise<void> {
    const { historyFromMs, liveFromMs, intervalMs } = this.#times
    await this.#publishSpan(historyFromMs, liveFromMs)
    while (this.#unread() > LEARNED_LAG && !this.#stopping.signal.aborted) await this.after(200)
    for (let at = liveFromMs; !this.#stopping.signal.aborted; at += intervalMs) {
      await this.#publishSpan(at, at + intervalMs)
      // Once the fleet's time has caught up with the wall it goes on in real time.
      await this.after(Math.max(LIVE_PACE_MS, at + intervalMs - Date.now()))
    }
  }

  async #publishSpan(fromMs: number, toMs: number): Promise<void> {
    let chunk: DemoRecord[] = []
    for (const sample of this.#fleet.samples(fromMs, toMs)) {
      if (this.#stopping.signal.aborted) return
      chunk.push({ key: sample.series.key, value: fleetRecord(sample) })
      this.#publishedMs = sample.timestampMs
      if (chunk.length < HISTORY_CHUNK) continue
      await this.#publish(FLEET, chunk)
      this.#published += chunk.length
      chunk = []
    }
    await this.#publish(FLEET, chunk)
    this.#published += chunk.length
  }

  async #publishHost(): Promise<void> {
    const host = new HostMetrics()
    while (!this.#stopping.signal.aborted) {
      await this.#publish(HOST, await hostRecords(host))
      await this.after(HOST_EVERY_MS)
    }
  }

  async #report(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.after(PROGRESS_EVERY_MS)
      if (this.#stopping.signal.aborted) return
      this.#options.print(
        progressLine(this.#running?.app.listPipelines() ?? [], FLEET.pipeline, this.#times, this.#publishedMs),
      )
    }
  }

  /** Published records of the fleet that were not stepped yet: its topic, or feed, is new, so offsets count records. */
  #unread(): number {
    const fleet = this.#running?.app.listPipelines().find(({ name }) => name === FLEET.pipeline)
    const read = fleet?.partitions.reduce((sum, { position }) => sum + Number(position), 0) ?? 0
    return this.#published - read
  }

  /** Resolves after this long, or when the demo stops. */
  after(durationMs: number): Promise<void> {
    return timerSleep(durationMs, this.#stopping.signal)
  }

  async stop(): Promise<DemoSummary> {
    const pipelines = this.#running?.app.listPipelines() ?? []
    this.#stopping.abort()
    await this.#publishing
    await this.#release()
    return summarize({
      seconds: Math.round((Date.now() - this.#startedMs) / 1000),
      backend: this.#options.embedded ? 'embedded' : 'kafka',
      pipelines,
      published: this.#published,
      outcomes: this.#score.outcomes(this.#publishedMs),
      falseAlarms: this.#score.falseAlarms,
      webhooks: this.#webhooks,
    })
  }

  async #release(): Promise<void> {
    this.#stopping.abort()
    await this.#running?.stop()
    await this.#kafka?.stop()
    await this.#receiver?.stop()
  }
}
