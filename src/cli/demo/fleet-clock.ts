const DAY_MS = 86_400_000

/** How the demo's event time runs: a history at once, then interval by interval, fast, until it has caught up with the wall. */
export interface FleetTimes {
  readonly intervalMs: number
  /** Where the history begins, and where it ends and the live part begins; event time. */
  readonly historyFromMs: number
  readonly liveFromMs: number
}

/** Enough to know a day's shape and to see it come again. */
const HISTORY_MS = 2 * DAY_MS
/** Event time that the live part may take before it has to go on in real time. */
const LIVE_MS = 2 * DAY_MS

export function fleetTimes(nowMs: number, intervalMs: number): FleetTimes {
  const liveFromMs = Math.floor((nowMs - LIVE_MS) / intervalMs) * intervalMs
  return { intervalMs, historyFromMs: liveFromMs - HISTORY_MS, liveFromMs }
}
