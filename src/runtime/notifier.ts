import type { AlarmEvent } from '../alarm/alarm-event.ts'
import type { NotificationReason } from './telemetry.ts'

/** What became of one attempt to deliver. `detail` is for people and holds no secret. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly status?: number; readonly detail: string }
  /** Worth another attempt. */
  | {
      readonly kind: 'retry'
      readonly reason: NotificationReason
      readonly status?: number
      readonly detail: string
      readonly retryAfterMs?: number
    }
  /** No attempt will do better. */
  | {
      readonly kind: 'refused'
      readonly reason: NotificationReason
      readonly status?: number
      readonly detail: string
      /** The receiver wants nothing more, ever (HTTP 410). */
      readonly disable?: boolean
    }

/** One channel that alarm events go to. Knows what is worth another attempt, and leaves it to the caller to make one. */
export interface Notifier {
  /** Never rejects. The same event may come again: receivers tell by its id. */
  deliver(event: AlarmEvent, signal: AbortSignal): Promise<DeliveryOutcome>
  close?(): Promise<void>
}

/** Which events were delivered where, kept beyond a restart where it can. May forget; a forgotten one is sent again. */
export interface DeliveryLog {
  has(channel: string, id: string): Promise<boolean>
  add(channel: string, id: string): Promise<void>
}

/** A delivery that was given up, whole: it can be sent again from here. */
export interface DeadNotification {
  readonly channel: string
  readonly event: AlarmEvent
  readonly reason: NotificationReason
  readonly detail: string
  readonly attempts: number
}

/**
 * What became of an event at one channel. Closed.
 *
 * - `delivered`, `duplicate`: the receiver has it
 * - `dead_lettered`: given up, and written down
 * - `abandoned`: neither; the process is stopping, or the dead letter could not be written. Not to be acknowledged
 */
const SETTLEMENTS = ['delivered', 'duplicate', 'dead_lettered', 'abandoned'] as const
export type Settlement = (typeof SETTLEMENTS)[number]

/**
 * Whether an event is sent, and if not why. Closed.
 *
 * - `no_action`: the alarm names no channel for this state
 * - `too_old`: it happened long ago, as when a topic's history is learned; nobody wants to be woken for it
 * - the rest: see ActionsHeld
 */
export const NOTIFY_DECISIONS = [
  'notify',
  'no_action',
  'too_old',
  'actionsDisabled',
  'WaitPeriod',
  'ExtensionPeriod',
  'Alarm',
  'mute',
] as const
export type NotifyDecision = (typeof NOTIFY_DECISIONS)[number]

/** `oldestMs` is the event time before which nobody is told. */
export function decideNotification(
  event: Pick<AlarmEvent, 'actions' | 'actionsHeld' | 'state'>,
  oldestMs: number,
): NotifyDecision {
  if (event.actionsHeld !== null) return event.actionsHeld.by
  if (event.actions.length === 0) return 'no_action'
  return Date.parse(event.state.timestamp) < oldestMs ? 'too_old' : 'notify'
}

/** A bounded delivery log in memory: the oldest ids are forgotten first. */
export class MemoryDeliveryLog implements DeliveryLog {
  readonly #idsMax: number
  readonly #ids = new Set<string>()

  constructor(idsMax = 10_000) {
    this.#idsMax = idsMax
  }

  async has(channel: string, id: string): Promise<boolean> {
    return this.#ids.has(`${channel} ${id}`)
  }

  async add(channel: string, id: string): Promise<void> {
    this.#ids.add(`${channel} ${id}`)
    if (this.#ids.size <= this.#idsMax) return
    const oldest = this.#ids.values().next()
    if (!oldest.done) this.#ids.delete(oldest.value)
  }
}
