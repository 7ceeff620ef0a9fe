import { formatDuration } from '../../core/duration.ts'
import type { PipelineStatus } from '../../runtime/views.ts'
import type { IncidentOutcome } from './scoreboard.ts'

/** The last line of the demo's output. */
export interface DemoSummary {
  /** An incident was detected, and webhooks came and were all signed rightly. */
  readonly ok: boolean
  readonly seconds: number
  readonly backend: 'kafka' | 'embedded'
  readonly series: number
  readonly published: number
  readonly incidents: readonly {
    readonly id: string
    readonly kind: string
    readonly detected: boolean
    readonly delay: string | null
  }[]
  readonly falseAlarms: number
  readonly webhooks: { readonly received: number; readonly verified: number }
}

export interface DemoFacts {
  readonly seconds: number
  readonly backend: 'kafka' | 'embedded'
  readonly pipelines: readonly PipelineStatus[]
  readonly published: number
  readonly outcomes: readonly IncidentOutcome[]
  readonly falseAlarms: number
  readonly webhooks: { readonly received: number; readonly verified: number }
}

export function summarize({ outcomes, webhooks, pipelines, ...facts }: DemoFacts): DemoSummary {
  const detected = outcomes.filter(({ delayMs }) => delayMs !== undefined)
  return {
    ok: detected.length > 0 && webhooks.received > 0 && webhooks.verified === webhooks.received,
    ...facts,
    series: pipelines.reduce((sum, { series }) => sum + series, 0),
    incidents: outcomes.map(({ incident: { id, kind }, delayMs }) => ({
      id,
      kind,
      detected: delayMs !== undefined,
      delay: delayMs === undefined ? null : formatDuration(delayMs),
    })),
    webhooks: { ...webhooks },
  }
}
