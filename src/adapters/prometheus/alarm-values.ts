import type { AlarmState } from '../../alarm/state.ts'

/** Ordered by how bad it is, so that max() over series says something. */
export const ALARM_VALUES: Readonly<Record<AlarmState, number>> = { OK: 0, INSUFFICIENT_DATA: 1, ALARM: 2 }
