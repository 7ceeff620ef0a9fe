import type { AlarmReason, AlarmState, CompositeReasonData, ReasonData } from '../alarm/state.ts'
import type { Labels } from '../core/series.ts'
import { AlarmHistory } from './alarm-history.ts'
import type { AlarmChange, AlarmCount, AlarmQuery, AlarmSummary, AlarmView, Page } from './views.ts'

/** Changes of state that are kept for people to look at, over all series. */
const CHANGES_KEPT = 20_000

const NO_ALARMS: ReadonlyMap<string, ShownAlarm> = new Map()

export interface ShownAlarm {
  readonly alarm: string
  readonly state: AlarmState
  readonly sinceMs: number
  readonly reason: string
  readonly reasonCode: AlarmReason
  /** null after a restart, until the next change of state. */
  readonly reasonData: ReasonData | CompositeReasonData | null
}

interface Entry {
  readonly pipeline: string
  readonly seriesId: string
  readonly seriesKey: string
  readonly labels: Labels
  readonly states: Map<string, ShownAlarm>
}

/**
 * What state each alarm of each series is in. Bounded: when full, an entry that is in ALARM takes the place of one
 * that is not; anything else is not kept.
 */
export class AlarmBoard implements AlarmView {
  readonly #entriesMax: number
  readonly #bySeries = new Map<string, Entry>()
  readonly #history = new AlarmHistory(CHANGES_KEPT)
  #size = 0

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax
  }

  /** False when the board was full and the state is not kept. */
  set(of: Omit<Entry, 'states'>, state: ShownAlarm): boolean {
    this.#note(of, state)
    const entry = this.#bySeries.get(of.seriesId) ?? { ...of, states: new Map<string, ShownAlarm>() }
    if (!entry.states.has(state.alarm)) {
      if (this.#size >= this.#entriesMax && !(state.state === 'ALARM' && this.#dropQuietOne())) return false
      this.#size++
    }
    // Deleted first, so that a series' states and the series themselves stay in order of their last change.
    entry.states.delete(state.alarm)
    entry.states.set(state.alarm, state)
    this.#bySeries.delete(of.seriesId)
    this.#bySeries.set(of.seriesId, entry)
    return true
  }

  /** A state that was never evaluated to, or that is told again after a restart, is no change. */
  #note({ pipeline, seriesId, seriesKey }: Omit<Entry, 'states'>, shown: ShownAlarm): void {
    const { alarm, state: to, sinceMs: timestampMs, reason, reasonCode } = shown
    const before = this.#bySeries.get(seriesId)?.states.get(alarm)
    if (reasonCode === 'created' || (before?.state === to && before.sinceMs === timestampMs)) return
    const from = before?.state ?? 'INSUFFICIENT_DATA'
    this.#history.add({ pipeline, alarm, seriesId, seriesKey, from, to, timestampMs, reason, reasonCode })
  }

  changesOf(seriesId: string): readonly AlarmChange[] {
    return this.#history.of(seriesId)
  }

  changesSince(sequence: number, limit: number): { sequence: number; items: readonly AlarmChange[] } {
    return { sequence: this.#history.sequence, items: this.#history.since(sequence, limit) }
  }

  of(seriesId: string): ReadonlyMap<string, ShownAlarm> {
    return this.#bySeries.get(seriesId)?.states ?? NO_ALARMS
  }

  remove(seriesId: string): void {
    this.#size -= this.#bySeries.get(seriesId)?.states.size ?? 0
    this.#bySeries.delete(seriesId)
  }

  listAlarms(query: AlarmQuery): Page<AlarmSummary> {
    const words = query.text?.toLowerCase().split(/\s+/) ?? []
    const found: AlarmSummary[] = []
    for (const { states, ...series } of this.#bySeries.values()) {
      if (query.pipeline !== undefined && series.pipeline !== query.pipeline) continue
      const key = series.seriesKey.toLowerCase()
      if (!words.every((word) => key.includes(word))) continue
      for (const state of states.values()) {
        if (query.alarm !== undefined && state.alarm !== query.alarm) continue
        if (query.state !== undefined && state.state !== query.state) continue
        found.push({ ...series, ...state })
      }
    }
    found.sort((a, b) => b.sinceMs - a.sinceMs)
    return { items: found.slice(query.offset, query.offset + query.limit), total: found.length }
  }

  countAlarms(): readonly AlarmCount[] {
    const counts = new Map<string, { pipeline: string; alarm: string; states: Record<AlarmState, number> }>()
    for (const { pipeline, states } of this.#bySeries.values()) {
      for (const { alarm, state } of states.values()) {
        const key = `${pipeline}\u0000${alarm}`
        const count = counts.get(key) ?? { pipeline, alarm, states: { OK: 0, ALARM: 0, INSUFFICIENT_DATA: 0 } }
        count.states[state]++
        counts.set(key, count)
      }
    }
    return [...counts.values()]
  }

  #dropQuietOne(): boolean {
    for (const [seriesId, entry] of this.#bySeries) {
      for (const state of entry.states.values()) {
        if (state.state === 'ALARM') continue
        entry.states.delete(state.alarm)
        if (entry.states.size === 0) this.#bySeries.delete(seriesId)
        this.#size--
        return true
      }
    }
    return false
  }
}
