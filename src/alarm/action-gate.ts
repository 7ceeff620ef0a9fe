import type { BinaryReader, BinaryWriter } from '../core/binary.ts'
import { type ActionsHeld, type AlarmEvent, type EventState, eventId } from './alarm-event.ts'
import { type MuteRule, muteOf } from './mute.ts'
import { Suppression, type SuppressionOptions } from './suppression.ts'

/**
 * What stands between an alarm's events and its channels: an actions suppressor, mutes, or both. Events always pass,
 * for the record; the gate writes into them why their actions do not run, and gives the event that runs them when
 * nothing holds them any more. One is needed only for an alarm that has a suppressor or is named by a mute.
 *
 * When a mute ends, the channels are told of the state by then, but only if it is another than the one that they were
 * told last: an incident that came and went in the silence stays unheard, one that is still there does not.
 */
export class ActionGate {
  readonly #alarm: string
  readonly #mutes: readonly MuteRule[]
  readonly #suppression: Suppression | undefined
  readonly #suppressor: string
  /** The newest event whose actions did not run. */
  #held: AlarmEvent | undefined
  /** The state that the channels were told last. */
  #told: EventState | undefined
  /** When the mute that was found last ends: until then there is no need to look again. Not part of a snapshot. */
  #mutedUntilMs = Number.NaN

  constructor(alarm: string, mutes: readonly MuteRule[], suppression?: SuppressionOptions) {
    this.#alarm = alarm
    this.#mutes = mutes
    this.#suppression = suppression === undefined ? undefined : new Suppression(suppression)
    this.#suppressor = suppression?.alarm ?? ''
  }

  /**
   * Moves to an instant of event time, before the alarm is evaluated at it; gives the event that runs the actions
   * which were held until now. `suppressorInAlarm` is not looked at without a suppressor.
   */
  advance(atMs: number, suppressorInAlarm: boolean): AlarmEvent | undefined {
    this.#suppression?.advance(atMs, suppressorInAlarm)
    const held = this.#held
    const suppressed = this.#suppression !== undefined && this.#suppression.phase !== 'none'
    if (held === undefined || suppressed || this.#mutedUntilMs > atMs) return undefined
    const muted = this.#mute(atMs)
    this.#held = muted === null ? undefined : { ...held, actionsHeld: muted }
    if (muted !== null) return undefined
    if (held.actionsHeld?.by === 'mute' && held.state.value === this.#told?.value) return undefined
    return this.#released(held, atMs)
  }

  #released(held: AlarmEvent, atMs: number): AlarmEvent {
    const previousState = this.#told ?? held.previousState
    this.#told = bare(held.state)
    const names = [held.pipeline, held.alarm, held.series.key, held.state.value]
    const id = eventId('alarm.actions_released', names, atMs)
    return { ...held, id, type: 'alarm.actions_released', previousState, actionsHeld: null }
  }

  /** Lets the event of a change of state at an instant pass, after `advance` to it, marked if its actions are held. */
  pass(event: AlarmEvent, atMs: number): AlarmEvent {
    if (event.actionsHeld !== null) return event
    this.#told ??= event.previousState
    const actionsHeld = this.#hold(atMs)
    this.#held = actionsHeld === null ? undefined : { ...event, actionsHeld }
    if (this.#held !== undefined) return this.#held
    this.#told = bare(event.state)
    return event
  }

  #hold(atMs: number): ActionsHeld | null {
    const phase = this.#suppression?.changed(atMs) ?? 'none'
    if (phase === 'Alarm') return { by: phase, reason: `${this.#suppressor} is in ALARM` }
    if (phase !== 'none') {
      const until = new Date(this.#suppression?.untilMs ?? atMs).toISOString()
      return { by: phase, reason: `waiting for ${this.#suppressor} until ${until}` }
    }
    return this.#mute(atMs)
  }

  #mute(atMs: number): ActionsHeld | null {
    const mute = muteOf(this.#mutes, this.#alarm, atMs)
    if (mute === undefined) return null
    this.#mutedUntilMs = mute.window.endMs
    return { by: 'mute', reason: `muted by ${mute.rule.name} until ${new Date(mute.window.endMs).toISOString()}` }
  }

  save(writer: BinaryWriter): void {
    writer.text(JSON.stringify({ held: this.#held, told: this.#told }))
    writer.bool(this.#suppression !== undefined)
    this.#suppression?.save(writer)
  }

  load(reader: BinaryReader): void {
    const { held, told } = JSON.parse(reader.text()) as { held?: AlarmEvent; told?: EventState }
    this.#held = held
    this.#told = told
    if (!reader.bool()) return
    // A suppressor that was taken out of the configuration is read past.
    const suppression = this.#suppression ?? new Suppression({ alarm: '', waitMs: 0, extensionMs: 0 })
    suppression.load(reader)
  }
}

/** A state as a later event's previous one: without the datapoints. */
function bare({ value, reason, reasonCode, timestamp }: EventState): EventState {
  return { value, reason, reasonCode, timestamp }
}
