import type { Telemetry, TelemetryEvent, TelemetryEventType } from '../../src/runtime/telemetry.ts'

type EventOf<T extends TelemetryEventType> = Extract<TelemetryEvent, { readonly type: T }>

/** Keeps every event, so that a test can say what was counted. */
export class RecordingTelemetry implements Telemetry {
  readonly events: TelemetryEvent[] = []

  emit(event: TelemetryEvent): void {
    this.events.push(event)
  }

  of<T extends TelemetryEventType>(type: T): readonly EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type)
  }
}
