import type { Telemetry } from '../../runtime/telemetry.ts'
import type { AlarmView, ExpositionView, ForecastView } from '../../runtime/views.ts'
import { addProcessMetrics, createRegistry } from './registry.ts'
import { type Exposure, SeriesExposition } from './series-exposition.ts'
import { PrometheusTelemetry } from './telemetry.ts'

export interface PrometheusOptions {
  readonly series: ExpositionView
  readonly alarms: AlarmView
  readonly forecasts?: ForecastView
  readonly exposure: (pipeline: string) => Exposure
  /** Of Tidegauge, for tidegauge_build_info. */
  readonly version: string
  readonly nodeVersion: string
}

/** What Prometheus gets from this process: the telemetry that counts, and the page that shows. */
export interface PrometheusMetrics {
  readonly telemetry: Telemetry
  scrape(): Promise<{ readonly contentType: string; readonly body: string }>
}

export function createPrometheusMetrics(options: PrometheusOptions): PrometheusMetrics {
  const { registry, metrics } = createRegistry()
  addProcessMetrics(registry)
  metrics.buildInfo.set({ version: options.version, node_version: options.nodeVersion }, 1)
  const exposition = new SeriesExposition(registry, { ...options, metrics })
  return {
    telemetry: new PrometheusTelemetry(metrics),
    scrape: async () => {
      exposition.refresh()
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}
