import type { Labels, Series } from '../../core/series.ts'

/** What can be made to happen to a series. */
export const INCIDENT_KINDS = ['spike', 'dip', 'level_shift', 'silence', 'shape_change'] as const
export type IncidentKind = (typeof INCIDENT_KINDS)[number]

/** Something that happens to some series of the fleet, as data: what a detector has to find. */
export interface Incident {
  readonly id: string
  readonly kind: IncidentKind
  /** For people: what went wrong. */
  readonly story: string
  /** The series that it happens to: those of this name (any, when absent) that carry all of these labels. */
  readonly match: { readonly name?: string; readonly labels: Labels }
  /** Event time, [fromMs, toMs). */
  readonly fromMs: number
  readonly toMs: number
}

export function incidentMatches(incident: Incident, series: Series): boolean {
  const { name, labels } = incident.match
  if (name !== undefined && name !== series.name) return false
  return Object.entries(labels).every(([label, value]) => series.labels[label] === value)
}

/**
 * The demo's script: one incident of each kind, soon after one another. `startMs` is the event time at which the first
 * may begin, `intervalMs` the time between two samples of a series.
 */
export function scriptIncidents(startMs: number, intervalMs: number): readonly Incident[] {
  const script = (from: number, length: number) => ({
    fromMs: startMs + from * intervalMs,
    toMs: startMs + (from + length) * intervalMs,
  })
  return [
    {
      id: 'checkout-slow',
      kind: 'spike',
      story: 'a database lock makes every request of checkout four times as slow',
      match: { name: 'http_request_latency_ms', labels: { service: 'checkout' } },
      ...script(5, 15),
    },
    {
      id: 'search-traffic-lost',
      kind: 'dip',
      story: 'a wrong route takes most of the traffic away from search',
      match: { name: 'http_requests_per_second', labels: { service: 'search' } },
      ...script(15, 20),
    },
    {
      id: 'catalog-host-gone',
      kind: 'silence',
      story: 'host catalog-3 stops reporting',
      match: { labels: { service: 'catalog', host: 'catalog-3' } },
      ...script(25, 30),
    },
    {
      id: 'payments-busy',
      kind: 'level_shift',
      story: 'a release makes payments use much more CPU, and it stays so',
      match: { name: 'process_cpu_usage_percent', labels: { service: 'payments' } },
      ...script(40, 120),
    },
    {
      id: 'cart-flapping',
      kind: 'shape_change',
      story: 'a load balancer sends cart all or nothing by turns: the average stays, the shape does not',
      match: { name: 'http_requests_per_second', labels: { service: 'cart' } },
      ...script(60, 40),
    },
  ]
}

/**
 * What an incident makes of a value; undefined when no sample is sent. `step` counts the samples of the series.
 */
export function afflict(kind: IncidentKind, value: number, step: number): number | undefined {
  switch (kind) {
    case 'spike':
      return value * 4
    case 'dip':
      return value * 0.12
    case 'level_shift':
      return Math.min(100, value * 1.25 + 28)
    case 'silence':
      return undefined
    case 'shape_change':
      return value * (Math.floor(step / 2) % 2 === 0 ? 1.7 : 0.3)
  }
}
