/** Wall-clock time, for timeouts and schedules only. Event time comes from the records and never from here. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number
}
