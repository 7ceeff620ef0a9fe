import type { Rng } from '../../src/core/rng.ts'
import type { MetricBounds } from './service-metrics.ts'

/** What happens to a metric in a labelled range. `repeat` is a spike as large as the one before it in the series. */
const INCIDENT_KINDS = [
  'spike',
  'repeat',
  'dip',
  'outage',
  'levelShift',
  'shape',
  'variance',
  'missingPeak',
  'drift',
  'flat',
] as const
type IncidentKind = (typeof INCIDENT_KINDS)[number]

interface Incident {
  readonly kind: IncidentKind
  /** First and last record. */
  readonly first: number
  readonly last: number
}

/** How much a series moves by itself: from one record to the same of the next day, and on the whole. */
interface Spread {
  readonly local: number
  readonly overall: number
}

function spreadOf(values: Float64Array, perDay: number): Spread {
  const steps: number[] = []
  for (let i = perDay; i < values.length; i++) steps.push(Math.abs((values[i] ?? 0) - (values[i - perDay] ?? 0)))
  steps.sort((a, b) => a - b)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  const overall = Math.sqrt(variance)
  // 68 % of the absolute differences of two normals lie within sqrt(2) deviations.
  const local = (steps[Math.floor(0.68 * steps.length)] ?? overall) / Math.SQRT2
  return { local: Math.max(local, 0.05 * overall, 1e-9), overall }
}

/** Records of an incident: short ones are of a few records, long ones of up to a day (or 200 records). */
function lengthOf(rng: Rng, kind: IncidentKind, perDay: number): number {
  if (kind === 'spike' || kind === 'repeat' || kind === 'dip') return 1 + rng.below(4)
  if (kind === 'outage') return 2 + rng.below(10)
  const most = Math.min(200, Math.max(12, perDay))
  const least = Math.min(most, 8)
  return least + rng.below(most - least + 1)
}

function drawKind(rng: Rng, seasonal: boolean, hadSpike: boolean): IncidentKind {
  const draw = rng.uniform()
  if (draw < 0.3) return 'spike'
  if (draw < 0.42) return hadSpike ? 'repeat' : 'spike'
  if (draw < 0.54) return 'dip'
  if (draw < 0.62) return 'outage'
  const long = INCIDENT_KINDS.slice(4).filter((kind) => seasonal || (kind !== 'missingPeak' && kind !== 'shape'))
  return long[rng.below(long.length)] ?? 'levelShift'
}

/** The mean of up to `reach` records on each side. */
function around(values: Float64Array, at: number, reach: number): number {
  const part = values.subarray(Math.max(0, at - reach), at + reach + 1)
  return part.reduce((sum, value) => sum + value, 0) / part.length
}

function changed(
  kind: IncidentKind,
  clean: Float64Array,
  at: number,
  incident: { readonly first: number; readonly last: number; readonly size: number; readonly perDay: number },
  rng: Rng,
): number {
  const value = clean[at] ?? 0
  const { first, last, size, perDay } = incident
  switch (kind) {
    case 'spike':
    case 'repeat':
      return value + size * (0.8 + 0.4 * rng.uniform())
    case 'dip':
      return value - size * (0.8 + 0.4 * rng.uniform())
    case 'outage':
      return 0
    case 'levelShift':
      return value + 0.7 * size
    case 'drift':
      return value + (size * (at - first + 1)) / (last - first + 1)
    case 'shape':
      return clean[Math.max(0, at - Math.round(perDay / 2))] ?? value
    case 'variance':
      return around(clean, at, 8) + 3.5 * (value - around(clean, at, 8))
    case 'missingPeak': {
      const reach = Math.min(at, perDay)
      const day = clean.slice(at - reach, at).sort()
      return Math.min(value, day[Math.floor(0.3 * day.length)] ?? value)
    }
    case 'flat':
      return clean[first] ?? value
  }
}

function bounded(value: number, bounds: MetricBounds): number {
  const inside = Math.min(bounds.high, Math.max(bounds.low, value))
  return bounds.whole ? Math.round(inside) : inside
}

interface Place {
  readonly perDay: number
  readonly seasonal: boolean
  readonly bounds: MetricBounds
}

/** The size of an incident: by the metric's own scatter, or by all that it moves; both happen. */
function sizeOf(rng: Rng, kind: IncidentKind, spread: Spread): number {
  const own = (6 + 8 * rng.uniform()) * spread.local
  const size = Math.max(own, rng.uniform() < 0.5 ? (1 + 3 * rng.uniform()) * spread.overall : 0)
  return kind === 'levelShift' && rng.uniform() < 0.4 ? -size : size
}

/**
 * Changes `values` in place by up to `count` incidents, and says where they are. The first fifth is left clean, they
 * keep apart, and one that the bounds leave nothing of is not counted.
 */
export function plantIncidents(rng: Rng, values: Float64Array, count: number, place: Place): Incident[] {
  const clean = values.slice()
  const spread = spreadOf(clean, place.perDay)
  const planted: Incident[] = []
  let spike: number | undefined
  for (let tries = 0; planted.length < count && tries < 200; tries++) {
    const kind = drawKind(rng, place.seasonal, spike !== undefined)
    const length = lengthOf(rng, kind, place.perDay)
    const first = Math.floor(values.length * (0.2 + 0.78 * rng.uniform()))
    const last = first + length - 1
    const apart = planted.every((other) => first > other.last + 40 || last < other.first - 40)
    if (!apart || last >= values.length) continue
    const size = kind === 'repeat' && spike !== undefined ? spike : sizeOf(rng, kind, spread)
    const made = values.slice(first, last + 1)
    let moved = 0
    for (let at = first; at <= last; at++) {
      made[at - first] = bounded(
        changed(kind, clean, at, { first, last, size, perDay: place.perDay }, rng),
        place.bounds,
      )
      moved = Math.max(moved, Math.abs((made[at - first] ?? 0) - (clean[at] ?? 0)))
    }
    if (moved < (kind === 'flat' ? 1.5 : 4) * spread.local) continue
    values.set(made, first)
    if (kind === 'spike') spike = size
    planted.push({ kind, first, last })
  }
  return planted.sort((a, b) => a.first - b.first)
}
