import type { AlarmEvent } from '../../alarm/alarm-event.ts'
import type { Fleet } from './fleet.ts'
import type { Incident } from './fleet-incidents.ts'

/** Event time after an incident's end in which an alarm still counts as its detection: a silence is noticed late. */
const GRACE_INTERVALS = 6

export interface IncidentOutcome {
  readonly incident: Incident
  /** Event time from the incident's beginning to its first alarm, ms; undefined while there is none. */
  readonly delayMs: number | undefined
}

/** Compares the alarms that came with the incidents that were scripted. */
export class Scoreboard {
  readonly #fleet: Fleet
  readonly #seriesOf: ReadonlyMap<Incident, ReadonlySet<string>>
  readonly #firstAlarmMs = new Map<Incident, number>()
  /** ALARM events of the fleet that belong to no incident. */
  falseAlarms = 0
  alarms = 0

  constructor(fleet: Fleet) {
    this.#fleet = fleet
    const { incidents } = fleet.options
    this.#seriesOf = new Map(incidents.map((incident) => [incident, new Set(fleet.seriesOf(incident))]))
  }

  /** Takes an event in; gives the incident that it belongs to, if any. */
  note(event: AlarmEvent): Incident | undefined {
    const atMs = Date.parse(event.state.timestamp)
    const graceMs = GRACE_INTERVALS * this.#fleet.options.intervalMs
    const incident = this.#fleet.options.incidents.find(
      (candidate) =>
        atMs >= candidate.fromMs &&
        atMs < candidate.toMs + graceMs &&
        this.#seriesOf.get(candidate)?.has(event.series.key) === true,
    )
    if (event.state.value !== 'ALARM') return incident
    this.alarms++
    if (incident === undefined) this.falseAlarms++
    else if (!this.#firstAlarmMs.has(incident)) this.#firstAlarmMs.set(incident, atMs)
    return incident
  }

  /** Of the incidents that have begun by `eventTimeMs`. */
  outcomes(eventTimeMs: number): IncidentOutcome[] {
    return this.#fleet.options.incidents
      .filter(({ fromMs }) => fromMs < eventTimeMs)
      .map((incident) => {
        const first = this.#firstAlarmMs.get(incident)
        return { incident, delayMs: first === undefined ? undefined : first - incident.fromMs }
      })
  }
}
