import { seedOf } from '../../core/hash.ts'
import type { MetricKind } from '../../core/sample.ts'
import { makeSeries, type Series } from '../../core/series.ts'
import { afflict, type Incident, incidentMatches } from './fleet-incidents.ts'
import { driftAt, normalAt, uniformAt } from './fleet-noise.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS
/** 1 January 1970 was a Thursday: the epoch's weeks begin there. */
const SATURDAY_OF_EPOCH_WEEK = 2

const SERVICES = ['checkout', 'search', 'cart', 'payments', 'catalog'] as const
const METRICS = [
  'http_requests_per_second',
  'http_request_latency_ms',
  'http_errors_percent',
  'process_cpu_usage_percent',
  'process_resident_memory_bytes',
] as const
type FleetMetric = (typeof METRICS)[number]

export interface FleetOptions {
  /** How many series, in whole hosts' worth or not. */
  readonly size: number
  readonly seed: number
  /** Time between two samples of a series, event time. */
  readonly intervalMs: number
  readonly incidents: readonly Incident[]
}

export const FLEET_DEFAULTS: FleetOptions = { size: 200, seed: 20_260, intervalMs: 60_000, incidents: [] }

export interface FleetSample {
  readonly series: Series
  readonly timestampMs: number
  readonly value: number
  readonly kind: MetricKind
}

interface FleetMember {
  readonly series: Series
  readonly metric: FleetMetric
  /** How busy the service is on average (requests a second and host), and when its day peaks. */
  readonly size: number
  readonly peakMs: number
  /** This host's share, about 1. */
  readonly share: number
  /** Samples are taken this long after the interval begins, as scrapes are spread over it. */
  readonly offsetMs: number
  readonly incidents: readonly Incident[]
}

/**
 * A simulated fleet: services on hosts, with the load of a day (a peak and a night) and of a week (quieter weekends),
 * noise, and incidents. Everything is a function of the options and the instant asked for: no clock, no state, so that
 * a day of it can be made in a moment, and the same day again.
 */
export class Fleet {
  readonly options: FleetOptions
  readonly #members: readonly FleetMember[]

  constructor(given: Partial<FleetOptions> = {}) {
    this.options = { ...FLEET_DEFAULTS, ...given }
    this.#members = Array.from({ length: this.options.size }, (_, i) => member(i, this.options))
  }

  get series(): readonly Series[] {
    return this.#members.map(({ series }) => series)
  }

  /** The keys of the series that an incident happens to. */
  seriesOf(incident: Incident): readonly string[] {
    return this.#members.filter(({ incidents }) => incidents.includes(incident)).map(({ series }) => series.key)
  }

  /** The sample that a series takes in the interval that holds the instant; undefined when it is silent. */
  sampleAt(index: number, timestampMs: number): FleetSample | undefined {
    const { intervalMs, seed } = this.options
    const one = this.#members[index]
    if (one === undefined) throw new RangeError(`series ${index} of ${this.#members.length}`)
    const step = Math.floor(timestampMs / intervalMs)
    const at = step * intervalMs + one.offsetMs
    let value: number | undefined = reading(one, index, at, step, seed)
    for (const incident of one.incidents) {
      if (value !== undefined && at >= incident.fromMs && at < incident.toMs)
        value = afflict(incident.kind, value, step)
    }
    if (value === undefined) return undefined
    return { series: one.series, timestampMs: at, value: Math.round(value * 1_000) / 1_000, kind: 'gauge' }
  }

  /** All samples of the intervals that begin in [fromMs, toMs), interval by interval. */
  *samples(fromMs: number, toMs: number): Generator<FleetSample> {
    const { intervalMs } = this.options
    for (let at = Math.ceil(fromMs / intervalMs) * intervalMs; at < toMs; at += intervalMs) {
      for (let i = 0; i < this.#members.length; i++) {
        const sample = this.sampleAt(i, at)
        if (sample !== undefined) yield sample
      }
    }
  }
}

/** A sample as a record's value, in Tidegauge's JSON. */
export function fleetRecord({ series, timestampMs, value, kind }: FleetSample): string {
  return JSON.stringify({ name: series.name, labels: series.labels, kind, timestamp: timestampMs, value })
}

/** Series are dealt out metric by metric, then service by service, then host by host. */
function member(index: number, { seed, intervalMs, incidents }: FleetOptions): FleetMember {
  const metric = METRICS[index % METRICS.length] ?? 'http_requests_per_second'
  const service = SERVICES[Math.floor(index / METRICS.length) % SERVICES.length] ?? 'checkout'
  const host = `${service}-${Math.floor(index / (METRICS.length * SERVICES.length))}`
  const series = makeSeries(metric, { service, host, region: 'eu-west-1' })
  const ofService = seedOf(service)
  const ofHost = seedOf(host)
  return {
    series,
    metric,
    size: 40 + 160 * uniformAt(seed, ofService, 1),
    peakMs: (13 + 6 * uniformAt(seed, ofService, 2)) * HOUR_MS,
    share: 0.85 + 0.3 * uniformAt(seed, ofHost, 3),
    offsetMs: Math.floor(uniformAt(seed, ofHost, 4) * 0.5 * intervalMs),
    incidents: incidents.filter((incident) => incidentMatches(incident, series)),
  }
}

/** Load relative to the service's average: about 0.45 at night, 1.5 at the peak, a quarter less on weekends. */
function loadAt(one: FleetMember, timestampMs: number): number {
  const day = (2 * Math.PI * (timestampMs - one.peakMs)) / DAY_MS
  const daily = 1 + 0.45 * Math.cos(day) + 0.12 * Math.cos(2 * day)
  const weekday = Math.floor((timestampMs % WEEK_MS) / DAY_MS)
  const weekend = weekday === SATURDAY_OF_EPOCH_WEEK || weekday === SATURDAY_OF_EPOCH_WEEK + 1
  return daily * (weekend ? 0.75 : 1)
}

function reading(one: FleetMember, index: number, timestampMs: number, step: number, seed: number): number {
  const noise = normalAt(seed, index, step)
  const drift = driftAt(seed ^ 0x1234567, index, timestampMs, HOUR_MS)
  const load = loadAt(one, timestampMs) * (1 + 0.03 * drift)
  switch (one.metric) {
    case 'http_requests_per_second':
      return Math.max(0, one.size * one.share * load * (1 + 0.04 * noise))
    case 'http_request_latency_ms':
      return (30 + one.size / 4) * (1 + 0.25 * load * load) * Math.exp(0.06 * noise + 0.02 * drift)
    case 'http_errors_percent':
      return Math.max(0, 0.4 + 0.15 * load + 0.08 * noise + 0.03 * drift)
    case 'process_cpu_usage_percent':
      return Math.min(100, Math.max(0, 8 + 26 * one.share * load + 1.4 * noise))
    case 'process_resident_memory_bytes':
      return Math.round(1e9 * (0.8 + 0.3 * one.share + 0.1 * load + 0.015 * drift + 0.004 * noise))
  }
}
