import type { Rng } from '../../src/core/rng.ts'
import { type DayCurve, poisson } from './noise.ts'

/** Metrics as services have them, with what is normal for each: bounds, counts, heavy tails, scheduled work. */
export const METRIC_KINDS = [
  'requests',
  'orders',
  'latency',
  'errors',
  'cpu',
  'queue',
  'memory',
  'hitRatio',
  'nightlyJob',
] as const
export type MetricKind = (typeof METRIC_KINDS)[number]

/** What a metric can be: values are kept inside, whatever happens. */
export interface MetricBounds {
  readonly low: number
  readonly high: number
  readonly whole: boolean
}

const BOUNDS: Readonly<Record<MetricKind, MetricBounds>> = {
  requests: { low: 0, high: Number.POSITIVE_INFINITY, whole: false },
  orders: { low: 0, high: Number.POSITIVE_INFINITY, whole: true },
  latency: { low: 0, high: Number.POSITIVE_INFINITY, whole: false },
  errors: { low: 0, high: Number.POSITIVE_INFINITY, whole: true },
  cpu: { low: 0, high: 100, whole: false },
  queue: { low: 0, high: Number.POSITIVE_INFINITY, whole: true },
  memory: { low: 0, high: Number.POSITIVE_INFINITY, whole: false },
  hitRatio: { low: 0, high: 1, whole: false },
  nightlyJob: { low: 0, high: Number.POSITIVE_INFINITY, whole: false },
}

export function boundsOf(kind: MetricKind): MetricBounds {
  return BOUNDS[kind]
}

/** The value of one period, by the load of that moment in [-1, 1] and the share of the day that has gone by. */
type MetricSource = (load: number, dayFraction: number) => number

/** A stream that comes back to 0: AR(1) of unit variance. */
function wandering(rng: Rng, memory: number): () => number {
  let state = 0
  return () => {
    state = memory * state + Math.sqrt(1 - memory ** 2) * rng.normal()
    return state
  }
}

/** Requests waiting: arrivals and departures of a period; near its capacity the queue grows by itself. */
function queueSource(rng: Rng): MetricSource {
  const capacity = 20 + rng.below(30)
  const usual = 0.65 + 0.15 * rng.uniform()
  let depth = 0
  return (load) => {
    const arrivals = poisson(rng, capacity * usual * (1 + 0.2 * load))
    depth = Math.max(0, depth + arrivals - poisson(rng, capacity))
    return depth
  }
}

/** Grows with some wobble, and is collected when it reaches a mark: a saw tooth of no calendar's length. */
function memorySource(rng: Rng): MetricSource {
  const rise = 0.004 + 0.02 * rng.uniform()
  let used = rng.uniform()
  return (load) => {
    used += rise * (1 + 0.3 * load + 0.4 * rng.normal())
    if (used > 0.95 + 0.05 * rng.uniform()) used = 0.1 + 0.05 * rng.uniform()
    return 512 * (1 + used + 0.01 * rng.normal())
  }
}

function latencySource(rng: Rng, size: number): MetricSource {
  const drift = wandering(rng, 0.9)
  const swing = 0.1 + 0.2 * rng.uniform()
  const slow = 0.01 + 0.02 * rng.uniform()
  return (load) => {
    // A slow request among few: a period's percentile jumps now and then by half or so, which is normal.
    const tail = rng.uniform() < slow ? 1 + 0.4 * -Math.log(1 - rng.uniform()) : 1
    return size * Math.exp(swing * load + 0.08 * drift() + 0.1 * rng.normal()) * tail
  }
}

/** Errors come in clusters: the rate itself moves, and is small. */
function errorSource(rng: Rng): MetricSource {
  const rate = 0.3 + 4 * rng.uniform() ** 2
  const mood = wandering(rng, 0.7)
  return (load) => poisson(rng, rate * Math.exp(0.35 * mood() + 0.3 * load))
}

/** A source of clean values of the kind. */
export function metricSource(rng: Rng, kind: MetricKind): MetricSource {
  const size = 10 ** (1 + 3 * rng.uniform())
  const slow = wandering(rng, 0.95)
  switch (kind) {
    case 'requests': {
      const swing = 0.3 + 0.4 * rng.uniform()
      return (load) => size * (1 + swing * load) * (1 + 0.02 * slow()) * (1 + 0.03 * rng.normal())
    }
    case 'orders': {
      const rate = 15 + 80 * rng.uniform()
      return (load) => poisson(rng, rate * (1 + 0.7 * load) * (1 + 0.05 * slow()))
    }
    case 'latency':
      return latencySource(rng, size)
    case 'errors':
      return errorSource(rng)
    case 'cpu': {
      const usual = -1.2 + 1.5 * rng.uniform()
      return (load) => 100 / (1 + Math.exp(-(usual + 0.6 * load + 0.15 * slow() + 0.12 * rng.normal())))
    }
    case 'queue':
      return queueSource(rng)
    case 'memory':
      return memorySource(rng)
    case 'hitRatio': {
      const misses = 0.01 + 0.1 * rng.uniform()
      return (load) => 1 - Math.min(1, misses * Math.exp(0.2 * load + 0.15 * slow() + 0.15 * rng.normal()))
    }
    case 'nightlyJob': {
      const begins = rng.uniform()
      const lasts = 0.03 + 0.06 * rng.uniform()
      return (load, dayFraction) => {
        const since = (dayFraction - begins + 1) % 1
        const job = since < lasts ? 1.5 : 0
        return size * (1 + 0.1 * load + job + 0.05 * rng.normal())
      }
    }
  }
}

/** Clean values of one metric; `curve` is its season. Shape [length]. */
export function cleanValues(
  source: MetricSource,
  curve: DayCurve,
  times: { readonly startMs: number; readonly periodMs: number; readonly length: number },
): Float64Array {
  const values = new Float64Array(times.length)
  for (let i = 0; i < times.length; i++) {
    const days = (times.startMs + i * times.periodMs) / 86_400_000
    values[i] = source(curve(days % 1, Math.floor(days + 3) % 7), days % 1)
  }
  return values
}
