import type { AlarmEvent } from '../../../alarm/alarm-event.ts'

/** An event in the words of one kind of receiver. */
export interface RenderedRequest {
  /** Appended to the channel's URL, where the receiver's API has a fixed path. */
  readonly path?: string
  readonly contentType: string
  readonly body: string
}

/** `nowMs` is the wall clock: event time can be ahead of it or far behind. Undefined: nothing to tell this receiver. */
export type Renderer = (event: AlarmEvent, nowMs: number) => RenderedRequest | undefined

/** One line for people: `ALARM: "cpu-high" for cpu{host="a"}`, as CloudWatch titles its mails. */
export function titleOf(event: AlarmEvent): string {
  return `${event.state.value}: "${event.alarm}" for ${event.series.key}`
}

/** True when the event begins or ends an alert; the changes between the other two states are no receiver's business. */
export function concernsAlert(event: AlarmEvent): boolean {
  return event.state.value === 'ALARM' || event.previousState.value === 'ALARM'
}

/** At most `length` characters, with an ellipsis where something was cut. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
