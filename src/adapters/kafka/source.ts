import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Batch, Kafka } from 'kafkajs'
import type { Clock } from '../../core/clock.ts'
import { TidegaugeError } from '../../core/errors.ts'
import { LIMITS } from '../../core/limits.ts'
import { ConditionLog } from '../../runtime/condition-log.ts'
import type { Logger } from '../../runtime/logger.ts'
import { partitionName } from '../../runtime/partition-name.ts'
import type { PartitionConsumer, RecordSource, TopicMeasure, TopicPartition } from '../../runtime/ports.ts'
import { type RetryPolicy, retryDelayMs, timerSleep } from '../../runtime/retry.ts'
import type { StallReason, Telemetry } from '../../runtime/telemetry.ts'
import { ConsumerSession, SESSION_TIMES, type SessionEvents, type SessionTimes } from './consumer-session.ts'
import { kafkaError } from './failure.ts'
import type { OffsetQueries } from './offsets.ts'
import { type LaneHost, PartitionLane } from './partition-lane.ts'
import { type Holdings, stickyAssigner } from './sticky-assigner.ts'

/** A broker that is away comes back one day: the waits grow to half a minute, and never end. */
const RECONNECT: RetryPolicy = { attempts: Number.POSITIVE_INFINITY, baseMs: 500, maxMs: 30_000, retryAfterMaxMs: 0 }
const WATCH_INTERVAL_MS = 1_000
const MEASURE_INTERVAL_MS = 5_000
/** The broker's largest answer for one partition: a lane that may hold less would only stutter. */
const LANE_BYTES_MIN = 1024 * 1024

export interface KafkaSourceOptions {
  /** Names the pipeline in telemetry. */
  readonly pipeline: string
  readonly group: string
  /** What `start` does about a topic that is not there: wait for it, or reject. */
  readonly missingTopic: 'wait' | 'fail'
  /** Of all partitions together, fetched and not yet taken by the consumer. */
  readonly bufferedBytesMax?: number
  readonly times?: Partial<SessionTimes>
}

export interface KafkaSourcePorts {
  readonly kafka: Kafka
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry: Telemetry
  /** After `start`: reading has ended for good, as trying again would not help. */
  readonly onFailed: (error: TidegaugeError) => void
  /** Nothing can be read at the moment, and why: a topic or the broker is missing. undefined: reading goes on. */
  readonly onStalled?: (error: TidegaugeError | undefined) => void
  /** A partition cannot be taken up, and why; undefined: it was. */
  readonly onNotTaken?: (partition: TopicPartition, error: TidegaugeError | undefined) => void
  /** Every few seconds, whether anything is fetched or not. */
  readonly onMeasured?: (measure: TopicMeasure) => void
}

/**
 * Reads topics as a member of a consumer group. Partitions come and go with the group; those that stay keep their
 * lane, with all that was fetched, through rebalances, lost connections and broker restarts. Nothing is committed
 * here: offsets are committed with the results, by the sink.
 */
export class KafkaSource implements RecordSource {
  readonly #options: KafkaSourceOptions
  readonly #ports: KafkaSourcePorts
  readonly #times: SessionTimes
  readonly #conditions: ConditionLog
  readonly #stopping = new AbortController()
  readonly #lanes = new Map<string, PartitionLane>()
  /** Lanes that are being closed: the next lane of the same partition waits for them. */
  readonly #leaving = new Map<string, Promise<void>>()
  #topics: readonly string[] = []
  #host: LaneHost | undefined
  #session: ConsumerSession | undefined
  #generation = 0
  #measuredAtMs = Number.NEGATIVE_INFINITY
  #running: Promise<void> = Promise.resolve()
  #joined: { readonly resolve: () => void; readonly reject: (error: TidegaugeError) => void } | undefined

  constructor(options: KafkaSourceOptions, ports: KafkaSourcePorts) {
    this.#options = options
    this.#ports = ports
    this.#times = { ...SESSION_TIMES, ...options.times }
    this.#conditions = new ConditionLog(ports.logger, ports.clock)
  }

  /** Resolves when the group was joined for the first time, which may be long after: a missing broker is waited for. */
  start(topics: readonly string[], consumer: PartitionConsumer): Promise<void> {
    this.#topics = topics
    this.#host = this.#laneHost(consumer)
    return new Promise((resolve, reject) => {
      this.#joined = { resolve, reject }
      this.#running = this.#run()
    })
  }

  pause(partition: TopicPartition): void {
    this.#lanes.get(partitionName(partition))?.setPaused(true)
  }

  resume(partition: TopicPartition): void {
    this.#lanes.get(partitionName(partition))?.setPaused(false)
  }

  /** Asks the broker. False, too, while it cannot be asked: silence is only what was looked for and not found. */
  async hasReadAll(partition: TopicPartition): Promise<boolean> {
    const lane = this.#lanes.get(partitionName(partition))
    if (lane === undefined || !lane.isDrained || this.#stopping.signal.aborted) return false
    try {
      const { end } = await this.#queries().bounds(partition)
      return lane.isDrained && lane.nextOffset !== undefined && lane.nextOffset >= end
    } catch {
      return false
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const lane of this.#lanes.values()) this.#pauseFetching(lane)
    const closing = [...this.#lanes.values()].map((lane) => lane.close('stopping'))
    await Promise.all([...closing, ...this.#leaving.values()])
    this.#lanes.clear()
    await this.#session?.close()
    await this.#running
  }

  /** Session after session, until stopped or until one fails in a way that will not heal. */
  async #run(): Promise<void> {
    for (let failures = 0; !this.#stopping.signal.aborted; ) {
      const openedAtMs = this.#ports.clock.nowMs()
      const error = await this.#runSession()
      if (this.#stopping.signal.aborted) break
      if (!this.#isWorthRetrying(error)) {
        this.#fail(error)
        return
      }
      // A session that lived for a while was a good one: the next failure is a new story.
      failures = this.#ports.clock.nowMs() - openedAtMs > RECONNECT.maxMs ? 1 : failures + 1
      const waitMs = retryDelayMs(RECONNECT, failures, Math.random())
      this.#reportStall(error.code === 'TOPIC_MISSING' ? 'topic_missing' : 'broker_unreachable', waitMs, error)
      await timerSleep(waitMs, this.#stopping.signal)
    }
    this.#joined?.resolve()
  }

  /** Gives the reason why the session ended, or did not begin. */
  async #runSession(): Promise<TidegaugeError> {
    const { kafka } = this.#ports
    const { group } = this.#options
    try {
      const assigner = stickyAssigner(() => this.#holdings())
      const options = { kafka, group, topics: this.#topics, assigner, times: this.#times }
      const session = await ConsumerSession.open(options, this.#sessionEvents())
      if (this.#stopping.signal.aborted) {
        await session.close()
        return new TidegaugeError('BROKER_UNREACHABLE', 'stopped')
      }
      const unwatch = this.#watch(session)
      const error = await Promise.race([session.ended, aborted(this.#stopping.signal)])
      unwatch()
      // When stopping, the lanes still need the session for their last commits; `stop` closes it after them.
      if (this.#stopping.signal.aborted) return error
      if (this.#session === session) this.#session = undefined
      // Not awaited: a session that hangs may hang in closing, too.
      void session.close()
      return error
    } catch (error) {
      return kafkaError(error)
    }
  }

  /** What the client cannot name (INTERNAL) is tried again, too: a pipeline must not end by a broker's hiccup. */
  #isWorthRetrying(error: TidegaugeError): boolean {
    if (error.code === 'TOPIC_MISSING') return this.#options.missingTopic === 'wait' || this.#joined === undefined
    return error.retryable || error.code === 'INTERNAL'
  }

  #fail(error: TidegaugeError): void {
    this.#ports.telemetry.emit({ type: 'error_raised', code: error.code, component: 'source' })
    if (this.#joined !== undefined) this.#joined.reject(error)
    else this.#ports.onFailed(error)
  }

  #reportStall(reason: StallReason, durationMs: number, error: TidegaugeError): void {
    const { pipeline, group } = this.#options
    this.#ports.telemetry.emit({ type: 'source_stalled', pipeline, reason, durationMs })
    const fields = { pipeline, group, code: error.code, topics: this.#topics.join(',') }
    this.#conditions.report(reason, 'warn', `${error.describe()}; trying again until it works`, fields)
    this.#ports.onStalled?.(error)
  }

  #sessionEvents(): SessionEvents {
    return {
      joined: (session, assigned) => this.#onJoined(session, assigned),
      batch: (session, batch, fetchedOffset) => this.#onBatch(session, batch, fetchedOffset),
      skipped: (session, partition, lastOffset) => {
        if (session === this.#session) this.#lanes.get(partitionName(partition))?.skipped(lastOffset)
      },
    }
  }

  #onJoined(session: ConsumerSession, assigned: readonly TopicPartition[]): void {
    this.#session = session
    if (this.#stopping.signal.aborted) return
    const names = new Set(assigned.map(partitionName))
    for (const [name, lane] of this.#lanes) if (!names.has(name)) this.#lose(name, lane)
    for (const partition of assigned) {
      const kept = this.#lanes.get(partitionName(partition))
      if (kept === undefined) this.#gain(partition)
      else {
        // The client begins at the committed offset after every join; the lane has read further.
        if (kept.nextOffset !== undefined) session.seek(partition, kept.nextOffset)
        this.#applyFetching(kept)
      }
    }
    const { pipeline, group } = this.#options
    for (const reason of ['broker_unreachable', 'topic_missing'] as const) {
      this.#conditions.clear(reason, 'reading again', { pipeline, group })
    }
    this.#ports.onStalled?.(undefined)
    this.#ports.logger.info('joined the group', { pipeline, group, partitions: [...names].sort().join(' ') })
    this.#joined?.resolve()
    this.#joined = undefined
  }

  #gain(partition: TopicPartition): void {
    if (this.#host === undefined) return
    const lane = new PartitionLane(partition, this.#host)
    this.#lanes.set(partitionName(partition), lane)
    this.#applyFetching(lane)
    lane.open(this.#leaving.get(partitionName(partition)) ?? Promise.resolve())
  }

  #lose(name: string, lane: PartitionLane): void {
    this.#lanes.delete(name)
    const left = lane.close('lost').finally(() => {
      if (this.#leaving.get(name) === left) this.#leaving.delete(name)
    })
    this.#leaving.set(name, left)
  }

  #onBatch(session: ConsumerSession, batch: Batch, fetchedOffset: bigint): void {
    if (session === this.#session) this.#lanes.get(partitionName(batch))?.accept(batch, fetchedOffset)
  }

  /** A session that is only joining has no generation yet: the claim is as old as the session before. */
  #holdings(): Holdings {
    const partitions = [...this.#lanes.values()].map((lane) => lane.partition)
    this.#generation = this.#session?.generation ?? this.#generation
    return { generation: this.#generation, partitions }
  }

  #laneHost(consumer: PartitionConsumer): LaneHost {
    return {
      consumer,
      logger: this.#ports.logger,
      queries: () => this.#queries(),
      heartbeat: async () => {
        // The sockets get their turn between two slices of work, else no heartbeat would leave.
        await nextTurn()
        await this.#session?.heartbeat()
      },
      seek: (partition, offset) => this.#session?.seek(partition, offset),
      fetchingChanged: (lane) => this.#applyFetching(lane),
      laneBytesMax: () => {
        const all = this.#options.bufferedBytesMax ?? LIMITS.bufferedBytes
        return Math.max(LANE_BYTES_MIN, all / Math.max(1, this.#lanes.size))
      },
      notTaken: (partition, error) => this.#ports.onNotTaken?.(partition, error),
      failed: (error) => {
        this.#fail(error)
      },
    }
  }

  #queries(): OffsetQueries {
    if (this.#session !== undefined) return this.#session.queries
    throw new TidegaugeError('BROKER_UNREACHABLE', 'there is no connection at the moment')
  }

  #applyFetching(lane: PartitionLane): void {
    if (lane.wantsFetch) this.#session?.resume(lane.partition)
    else this.#pauseFetching(lane)
  }

  #pauseFetching(lane: PartitionLane): void {
    this.#session?.pause(lane.partition)
  }

  #watch(session: ConsumerSession): () => void {
    const { pipeline } = this.#options
    const timer = setInterval(() => {
      const nowMs = this.#ports.clock.nowMs()
      session.watch(nowMs)
      const stalls: [StallReason, boolean][] = [
        ['rebalancing', session.isRejoining],
        ['backpressure', [...this.#lanes.values()].some((lane) => lane.isHeldBack)],
      ]
      for (const [reason, holds] of stalls) {
        if (!holds) continue
        this.#ports.telemetry.emit({ type: 'source_stalled', pipeline, reason, durationMs: WATCH_INTERVAL_MS })
      }
      this.#watchConsumer(nowMs)
      if (nowMs - this.#measuredAtMs >= MEASURE_INTERVAL_MS) void this.#measure(session, nowMs)
    }, WATCH_INTERVAL_MS)
    return () => clearInterval(timer)
  }

  /** Asks for the ends of the logs: a lane that is not fetched would go on believing the end that it last heard of. */
  async #measure(session: ConsumerSession, nowMs: number): Promise<void> {
    const { onMeasured } = this.#ports
    if (onMeasured === undefined || this.#session !== session) return
    this.#measuredAtMs = nowMs
    try {
      for (const topic of this.#topics) {
        const ends = await session.queries.ends(topic)
        const held = new Map<number, { done: bigint; end: bigint }>()
        for (const lane of this.#lanes.values()) {
          const { topic: of, partition } = lane.partition
          const reach = of === topic ? lane.reach(ends.get(partition) ?? 0n) : undefined
          if (reach !== undefined) held.set(partition, reach)
        }
        onMeasured({ topic, partitions: ends.size, held })
      }
    } catch (error) {
      this.#ports.logger.debug('the ends of the topics are not known', { pipeline: this.#options.pipeline, error })
    }
  }

  /** A consumer that does not return keeps its membership, as fetching goes on: somebody has to say so. */
  #watchConsumer(nowMs: number): void {
    for (const lane of this.#lanes.values()) {
      const busyMs = lane.busySinceMs === undefined ? 0 : nowMs - lane.busySinceMs
      if (busyMs < this.#times.stallMs) continue
      const fields = { ...lane.partition, pipeline: this.#options.pipeline, seconds: Math.round(busyMs / 1000) }
      this.#conditions.report(`busy ${partitionName(lane.partition)}`, 'warn', 'one batch takes unusually long', fields)
    }
  }
}

function aborted(signal: AbortSignal): Promise<TidegaugeError> {
  return new Promise((resolve) => {
    const stop = () => resolve(new TidegaugeError('BROKER_UNREACHABLE', 'stopped'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
