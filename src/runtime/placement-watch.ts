import type { Logger } from './logger.ts'
import { type PlacementFinding, PlacementGuard, type PlacementReason } from './placement-guard.ts'
import type { TopicMeasure, TopicPartition } from './ports.ts'
import type { StepReport } from './step-report.ts'
import type { Telemetry } from './telemetry.ts'
import type { HealthProblem } from './views.ts'

/** Tells what the guard of one pipeline finds: each kind once in the log, all as metrics, warnings to whoever asks. */
export class PlacementWatch {
  readonly #pipeline: string
  readonly #telemetry: Telemetry
  readonly #logger: Pick<Logger, 'info' | 'warn'>
  readonly #guard = new PlacementGuard()
  readonly #told = new Map<PlacementReason, number>()
  #findings: readonly PlacementFinding[] = []

  constructor(
    pipeline: string,
    ports: { readonly telemetry: Telemetry; readonly logger: Pick<Logger, 'info' | 'warn'> },
  ) {
    this.#pipeline = pipeline
    this.#telemetry = ports.telemetry
    this.#logger = ports.logger
  }

  measured({ topic, partitions }: TopicMeasure): void {
    this.#guard.sized(topic, partitions)
    this.#look()
  }

  saw(partition: TopicPartition, { placement, scores, removed }: StepReport): void {
    this.#guard.saw(partition, placement)
    this.#guard.scored(
      partition,
      scores.map(({ series }) => series.key),
    )
    this.#guard.gone(partition, removed)
    this.#look()
  }

  #look(): void {
    this.#findings = this.#guard.findings()
    this.#tell()
  }

  #tell(): void {
    const pipeline = this.#pipeline
    const present = new Map(this.#findings.map((finding) => [finding.reason, finding]))
    // A verdict on keys may change as more of them are seen: then the former one no longer holds.
    for (const reason of this.#told.keys()) {
      if (present.has(reason)) continue
      this.#told.set(reason, 0)
      this.#telemetry.emit({ type: 'placement_found', pipeline, reason, count: 0 })
    }
    for (const { reason, severity, count, detail } of present.values()) {
      const before = this.#told.get(reason)
      if (before === count) continue
      this.#told.set(reason, count)
      this.#telemetry.emit({ type: 'placement_found', pipeline, reason, count })
      if (before !== undefined) continue
      this.#logger[severity === 'warning' ? 'warn' : 'info'](detail, { pipeline, reason })
    }
  }

  /** What goes wrong, but is no reason to wait with anything. */
  warnings(): readonly HealthProblem[] {
    return this.#findings
      .filter(({ severity }) => severity === 'warning')
      .map(({ detail }) => ({ reason: 'series_misplaced', pipeline: this.#pipeline, detail }))
  }
}
