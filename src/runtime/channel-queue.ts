import type { AlarmEvent } from '../alarm/alarm-event.ts'
import type { Clock } from '../core/clock.ts'
import { fnv1a } from '../core/hash.ts'
import type { Logger } from './logger.ts'
import type { DeadNotification, DeliveryLog, DeliveryOutcome, Notifier, Settlement } from './notifier.ts'
import { type Attempt, type RetryPolicy, retry, type Sleep } from './retry.ts'
import type { NotificationReason, Telemetry } from './telemetry.ts'

export interface ChannelTools {
  readonly retry: RetryPolicy
  /** Deliveries of one channel at the same time. Events of one series always share a lane, and so stay in order. */
  readonly lanes: number
  /** Events that may wait in one channel. */
  readonly waitingMax: number
  readonly random: () => number
  readonly sleep: Sleep
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry: Telemetry
  readonly log: DeliveryLog | undefined
  /** Writes a given-up delivery down; when it rejects, the event is not acknowledged. */
  readonly deadLetter: (dead: DeadNotification) => Promise<void>
}

type GivenUp = { readonly reason: NotificationReason; readonly detail: string; readonly attempts: number }

/** The deliveries of one channel: bounded, in order for each series, and no concern of any other channel. */
export class ChannelQueue {
  readonly name: string
  readonly #notifier: Notifier
  readonly #tools: ChannelTools
  readonly #lanes: Promise<void>[]
  readonly #stop = new AbortController()
  #waiters: (() => void)[] = []
  #waiting = 0
  #failing = false
  #disabled: GivenUp | undefined

  constructor(name: string, notifier: Notifier, tools: ChannelTools) {
    this.name = name
    this.#notifier = notifier
    this.#tools = tools
    this.#lanes = new Array<Promise<void>>(tools.lanes).fill(Promise.resolve())
  }

  get waiting(): number {
    return this.#waiting
  }

  /**
   * Resolves once the event may be queued. A channel that is merely busy makes its caller wait; one that is failing
   * does not, because everybody else's alerts would wait with it: what it has no room for becomes a dead letter.
   */
  async room(): Promise<void> {
    while (this.#waiting >= this.#tools.waitingMax && !this.#failing && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
  }

  /** Queues the event; resolves when it is settled, and never rejects. */
  enqueue(event: AlarmEvent): Promise<Settlement> {
    if (this.#waiting >= this.#tools.waitingMax) {
      const detail = `${this.#waiting} events are waiting already`
      return this.#giveUp(event, { reason: 'queue_full', detail, attempts: 0 })
    }
    this.#count(1)
    const lane = fnv1a(event.series.key) % this.#lanes.length
    const settled = (this.#lanes[lane] ?? Promise.resolve())
      .then(() => this.#settle(event))
      .finally(() => {
        this.#count(-1)
      })
    this.#lanes[lane] = settled.then(() => {})
    return settled
  }

  #count(change: number): void {
    this.#waiting += change
    this.#tools.telemetry.emit({ type: 'notifications_pending', channel: this.name, count: this.#waiting })
    this.#wake()
  }

  #wake(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }

  async #settle(event: AlarmEvent): Promise<Settlement> {
    if (this.#stop.signal.aborted) return 'abandoned'
    if (this.#disabled !== undefined) return this.#giveUp(event, { ...this.#disabled, attempts: 0 })
    if (await this.#wasDelivered(event)) return 'duplicate'
    const { retry: policy, random, sleep } = this.#tools
    const tools = { random, sleep, signal: this.#stop.signal }
    const { end, value, attempts } = await retry((number) => this.#attempt(event, number), policy, tools)
    if (end === 'aborted' || value === undefined) return 'abandoned'
    if (value.kind === 'delivered') {
      await this.#tools.log?.add(this.name, event.id).catch((thrown) => this.#logFailed(thrown))
      return 'delivered'
    }
    const givenUp = { reason: value.reason, detail: value.detail, attempts }
    if (value.kind === 'refused' && value.disable === true) {
      this.#disabled = givenUp
      this.#tools.logger.error('the receiver wants no more notifications: channel disabled until the next start', {
        channel: this.name,
      })
    }
    return this.#giveUp(event, givenUp)
  }

  async #attempt(event: AlarmEvent, number: number): Promise<Attempt<DeliveryOutcome>> {
    const startedMs = this.#tools.clock.nowMs()
    const value = await this.#notifier.deliver(event, this.#stop.signal).catch(
      (thrown): DeliveryOutcome => ({
        kind: 'refused',
        reason: 'invalid',
        detail: thrown instanceof Error ? thrown.message : String(thrown),
      }),
    )
    this.#failing = value.kind !== 'delivered'
    if (this.#failing) this.#wake()
    const again = value.kind === 'retry'
    const last = !again || number >= this.#tools.retry.attempts
    this.#tools.telemetry.emit({
      type: 'notification_attempted',
      channel: this.name,
      outcome: value.kind === 'delivered' ? 'delivered' : last ? 'dead_lettered' : 'retried',
      reason: value.kind === 'delivered' ? 'none' : value.reason,
      durationMs: this.#tools.clock.nowMs() - startedMs,
    })
    return { again, value, retryAfterMs: again ? value.retryAfterMs : undefined }
  }

  async #giveUp(event: AlarmEvent, { reason, detail, attempts }: GivenUp): Promise<Settlement> {
    const about = { channel: this.name, event: event.id, alarm: event.alarm, reason, detail, attempts }
    if (attempts === 0) {
      const { telemetry } = this.#tools
      const outcome = 'dead_lettered'
      telemetry.emit({ type: 'notification_attempted', channel: this.name, outcome, reason, durationMs: 0 })
    }
    try {
      await this.#tools.deadLetter({ channel: this.name, event, reason, detail, attempts })
      this.#tools.logger.warn('a notification was given up and became a dead letter', about)
      return 'dead_lettered'
    } catch (thrown) {
      this.#tools.logger.error('a given-up notification could not be written down', { ...about, error: thrown })
      return 'abandoned'
    }
  }

  async #wasDelivered(event: AlarmEvent): Promise<boolean> {
    try {
      return (await this.#tools.log?.has(this.name, event.id)) === true
    } catch (thrown) {
      this.#logFailed(thrown)
      return false
    }
  }

  /** A log that cannot be read or written costs a second delivery at worst. */
  #logFailed(thrown: unknown): void {
    this.#tools.logger.warn('the log of deliveries failed: an event may be delivered twice', {
      channel: this.name,
      error: thrown,
    })
  }

  /** Resolves when everything queued so far is settled. */
  async idle(): Promise<void> {
    await Promise.all(this.#lanes)
  }

  /** Stops waiting, retrying and delivering: what is not settled by now will be `abandoned`. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wake()
    await this.idle()
    await this.#notifier.close?.()
  }
}
