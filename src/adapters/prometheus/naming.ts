import { SERIES_METRICS, type SeriesMetricId } from './series-metrics.ts'

/** `vmanomaly`: its metric names, and its label `for` in place of `metric`, so that dashboards made for it work. */
export const NAMINGS = ['tidegauge', 'vmanomaly'] as const
export type Naming = (typeof NAMINGS)[number]

/** The label that says which input of the series a value belongs to. */
export const METRIC_LABEL: Readonly<Record<Naming, string>> = { tidegauge: 'metric', vmanomaly: 'for' }

export function seriesMetricName(id: SeriesMetricId, naming: Naming): string {
  const spec = SERIES_METRICS[id]
  return naming === 'vmanomaly' ? spec.vmanomaly : spec.name
}
