import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type LabelsOf, METRICS, type MetricIdOf, type MetricSpec } from './metrics.ts'

type Counters = { readonly [Id in MetricIdOf<'counter'>]: Counter<LabelsOf<Id>> }
type Gauges = { readonly [Id in MetricIdOf<'gauge'>]: Gauge<LabelsOf<Id>> }
type Histograms = { readonly [Id in MetricIdOf<'histogram'>]: Histogram<LabelsOf<Id>> }

/** prom-client's object for each entry of METRICS. */
export type Metrics = Counters & Gauges & Histograms

/** A registry of its own (never the global one: two apps in one process would share it) with every metric in it. */
export function createRegistry(): { readonly registry: Registry; readonly metrics: Metrics } {
  const registry = new Registry()
  const made = Object.entries<MetricSpec>(METRICS).map(([id, spec]) => [id, createMetric(spec, registry)])
  return { registry, metrics: Object.fromEntries(made) as Metrics }
}

function createMetric(spec: MetricSpec, registry: Registry): Counter | Gauge | Histogram {
  const options = { name: spec.name, help: spec.help, labelNames: [...spec.labels], registers: [registry] }
  if (spec.kind === 'counter') return new Counter(options)
  if (spec.kind === 'gauge') return new Gauge(options)
  return new Histogram({ ...options, buckets: [...(spec.buckets ?? [])] })
}

/** CPU, memory, garbage collection and event-loop delay of this process, as prom-client measures them. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, prefix: 'tidegauge_' })
}
