import type { RestoredAlarm, StepReport } from './step-report.ts'

/** What of a step's results can be shown somewhere else. */
export type ShownResults = Pick<StepReport, 'scores' | 'events' | 'removed'>

/** Takes the results of one pipeline to show them elsewhere. It observes: it never throws, and never waits. */
export interface ResultSink {
  /** Results that are durable, or that were stepped again after a restart and were durable before. */
  publish(results: ShownResults): void
  /** The states that alarms had in the checkpoint. */
  alarmsRestored(alarms: readonly RestoredAlarm[]): void
}
