import type { AlarmEvent } from '../alarm/alarm-event.ts'
import { ChannelQueue, type ChannelTools } from './channel-queue.ts'
import { decideNotification, type Notifier, type NotifyDecision, type Settlement } from './notifier.ts'
import { RETRY_DEFAULTS, timerSleep } from './retry.ts'

export interface DispatcherOptions extends Partial<Omit<ChannelTools, 'random' | 'clock' | 'logger' | 'telemetry'>> {
  readonly channels: ReadonlyMap<string, Notifier>
  /** Transitions that happened longer ago than this, event time against the wall clock, are not delivered. */
  readonly maxAgeMs: number
  readonly random: ChannelTools['random']
  readonly clock: ChannelTools['clock']
  readonly logger: ChannelTools['logger']
  readonly telemetry: ChannelTools['telemetry']
  readonly deadLetter: ChannelTools['deadLetter']
}

const DISPATCHER_DEFAULTS = { lanes: 4, waitingMax: 1_000 } as const

/** What became of one event. It may be acknowledged unless a channel abandoned it. */
export interface Dispatched {
  readonly decision: NotifyDecision
  readonly channels: readonly { readonly channel: string; readonly settlement: Settlement }[]
  readonly acknowledge: boolean
}

/**
 * Hands alarm events to their channels: at least once, each channel by itself, in order for each series.
 *
 * `submit` in the order of the topic, waiting for each; acknowledge an event when its `settled` says so. What is not
 * acknowledged comes again after a restart, under the same id.
 */
export class NotificationDispatcher {
  readonly #queues: ReadonlyMap<string, ChannelQueue>
  readonly #options: DispatcherOptions

  constructor(options: DispatcherOptions) {
    this.#options = options
    const tools: ChannelTools = {
      ...options,
      lanes: options.lanes ?? DISPATCHER_DEFAULTS.lanes,
      waitingMax: options.waitingMax ?? DISPATCHER_DEFAULTS.waitingMax,
      retry: options.retry ?? RETRY_DEFAULTS,
      sleep: options.sleep ?? timerSleep,
      log: options.log,
    }
    this.#queues = new Map(
      [...options.channels].map(([name, notifier]) => [name, new ChannelQueue(name, notifier, tools)]),
    )
    for (const channel of options.channels.keys()) options.telemetry.emit({ type: 'channel_configured', channel })
  }

  /** Deliveries that are not settled. */
  get pending(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.waiting, 0)
  }

  /** Resolves once every channel of the event has taken it in or refused it; `settled` resolves later. */
  async submit(event: AlarmEvent): Promise<{ readonly settled: Promise<Dispatched> }> {
    const { clock, maxAgeMs } = this.#options
    const decision = decideNotification(event, clock.nowMs() - maxAgeMs)
    if (decision !== 'notify') {
      return { settled: Promise.resolve({ decision, channels: [], acknowledge: true }) }
    }
    const names = [...new Set(event.actions)]
    await Promise.all(names.map((name) => this.#queues.get(name)?.room()))
    const settled = Promise.all(
      names.map(async (channel) => ({ channel, settlement: await this.#hand(channel, event) })),
    ).then((channels) => ({
      decision,
      channels,
      acknowledge: channels.every(({ settlement }) => settlement !== 'abandoned'),
    }))
    return { settled }
  }

  async #hand(channel: string, event: AlarmEvent): Promise<Settlement> {
    const queue = this.#queues.get(channel)
    if (queue !== undefined) return queue.enqueue(event)
    const detail = `no channel is named ${channel}; known: ${[...this.#queues.keys()].join(', ') || 'none'}`
    const { deadLetter, logger } = this.#options
    try {
      await deadLetter({ channel, event, reason: 'channel_unknown', detail, attempts: 0 })
      logger.warn('an alarm names a channel that does not exist', { channel, alarm: event.alarm })
      return 'dead_lettered'
    } catch (thrown) {
      logger.error('a given-up notification could not be written down', { channel, event: event.id, error: thrown })
      return 'abandoned'
    }
  }

  /**
   * Waits for what is queued, for `patienceMs` at most, then stops: the rest is abandoned, so that it is not
   * acknowledged. Nothing is submitted any more by now.
   */
  async drain(patienceMs: number): Promise<void> {
    const queues = [...this.#queues.values()]
    const done = new AbortController()
    const idle = Promise.all(queues.map((queue) => queue.idle())).then(() => done.abort())
    await Promise.race([idle, (this.#options.sleep ?? timerSleep)(patienceMs, done.signal)])
    await Promise.all(queues.map((queue) => queue.stop()))
  }
}
