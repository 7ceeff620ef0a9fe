import { Rng } from '../../src/core/rng.ts'
import {
  type DayCurve,
  makeDayCurve,
  makeNoise,
  NOISE_KINDS,
  type NoiseKind,
  observe,
  SEASON_KINDS,
  type SeasonKind,
} from './noise.ts'

/** What happens in a labelled range of a made series. */
export const EVENT_KINDS = ['spike', 'dip', 'levelShift', 'shape', 'variance', 'missingPeak', 'drift', 'flat'] as const
export type EventKind = (typeof EVENT_KINDS)[number]

export interface MadeEvent {
  readonly kind: EventKind
  /** First and last record. */
  readonly first: number
  readonly last: number
}

export interface MadeSeries {
  readonly name: string
  readonly periodMs: number
  readonly startMs: number
  readonly values: Float64Array
  readonly events: readonly MadeEvent[]
}

interface Recipe {
  readonly periodMs: number
  readonly length: number
  readonly noise: NoiseKind
  readonly season: SeasonKind
  readonly events: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const START_MS = Date.UTC(2024, 0, 1)
const PERIODS = [
  { periodMs: HOUR_MS, length: 1_500, name: 'hourly' },
  { periodMs: 300_000, length: 4_000, name: '5-minute' },
  { periodMs: 60_000, length: 8_000, name: 'minutely' },
] as const

/** Records of an event: short ones are of a few records, long ones of up to a day (or 200 records). */
function eventLength(rng: Rng, kind: EventKind, perDay: number): number {
  if (kind === 'spike' || kind === 'dip') return 1 + rng.below(5)
  const most = Math.min(200, Math.max(12, perDay))
  const least = Math.min(most, 8)
  return least + rng.below(most - least + 1)
}

/** Draws the events: the first fifth of the series is left clean, and they keep apart. */
function drawEvents(rng: Rng, recipe: Recipe): MadeEvent[] {
  const perDay = Math.round(DAY_MS / recipe.periodMs)
  const events: MadeEvent[] = []
  for (let tries = 0; events.length < recipe.events && tries < 200; tries++) {
    const short = rng.uniform() < 0.6
    const long = EVENT_KINDS.slice(2).filter(
      (kind) => recipe.season !== 'none' || (kind !== 'missingPeak' && kind !== 'shape'),
    )
    const kind = short ? (rng.uniform() < 0.65 ? 'spike' : 'dip') : (long[rng.below(long.length)] ?? 'levelShift')
    const length = eventLength(rng, kind, perDay)
    const first = Math.floor(recipe.length * (0.2 + 0.78 * rng.uniform()))
    const last = first + length - 1
    const apart = events.every((other) => first > other.last + 40 || last < other.first - 40)
    if (last < recipe.length && apart) events.push({ kind, first, last })
  }
  return events.sort((a, b) => a.first - b.first)
}

/** The curve, in noise deviations, with the event's change applied; `scatter` is scaled for a variance event. */
function withEvent(
  event: MadeEvent | undefined,
  at: number,
  size: number,
  curve: number,
  amplitude: number,
  scatter: number,
): readonly [number, number] {
  if (event === undefined) return [curve * amplitude, scatter]
  const progress = (at - event.first + 1) / (event.last - event.first + 1)
  switch (event.kind) {
    case 'spike':
      return [curve * amplitude + size * 1.4, scatter]
    case 'dip':
      return [curve * amplitude - size * 1.4, scatter]
    case 'levelShift':
      return [curve * amplitude + (size % 1 < 0.5 ? size : -size), scatter]
    case 'shape':
      return [-curve * amplitude, scatter]
    case 'variance':
      return [curve * amplitude, scatter * (2 + size / 4)]
    case 'missingPeak':
      return [Math.min(curve, -0.2) * amplitude, scatter]
    case 'drift':
      return [curve * amplitude + size * progress * 1.2, scatter]
    case 'flat':
      return [curve * amplitude * 0.05, scatter * 0.02]
  }
}

function makeSeries(name: string, seed: number, recipe: Recipe): MadeSeries {
  const rng = new Rng(seed)
  const curve: DayCurve = makeDayCurve(rng, recipe.season)
  const noise = makeNoise(rng, recipe.noise)
  const amplitude = recipe.noise === 'counts' ? 2 : 3 + 5 * rng.uniform()
  const base = 10 ** (3 * rng.uniform())
  const unit = base * (0.01 + 0.07 * rng.uniform())
  const events = drawEvents(rng, recipe)
  const sizes = events.map(() => 5 + 6 * rng.uniform())
  const values = new Float64Array(recipe.length)
  const startMs = START_MS + rng.below(7) * DAY_MS
  let next = 0
  for (let i = 0; i < recipe.length; i++) {
    while (next < events.length && (events[next]?.last ?? 0) < i) next++
    const event = (events[next]?.first ?? recipe.length) <= i ? events[next] : undefined
    const timestampMs = startMs + i * recipe.periodMs
    const days = timestampMs / DAY_MS
    const plain = curve(days % 1, Math.floor(days + 3) % 7)
    const [expected, scatter] = withEvent(event, i, sizes[next] ?? 0, plain, amplitude, noise())
    const value = observe(rng, recipe.noise, expected, scatter, base, unit)
    values[i] = Math.round(value * 1e4) / 1e4
  }
  return { name, periodMs: recipe.periodMs, startMs, values, events }
}

/** Labelled series: every period, noise and season, `copies` of each; 1 to 6 events a series. */
export function labelledCorpus(seed: number, copies = 2): MadeSeries[] {
  const made: MadeSeries[] = []
  const rng = new Rng(seed)
  for (const period of PERIODS) {
    for (const noise of NOISE_KINDS) {
      for (const season of SEASON_KINDS) {
        for (let copy = 0; copy < copies; copy++) {
          const recipe = { periodMs: period.periodMs, length: period.length, noise, season, events: 1 + rng.below(6) }
          made.push(makeSeries(`${period.name}/${noise}_${season}_${copy}.csv`, rng.uint32(), recipe))
        }
      }
    }
  }
  return made
}

/** Series without any event, long enough to count rare false alarms. */
export function cleanCorpus(seed: number, length = 10_000): MadeSeries[] {
  const made: MadeSeries[] = []
  const rng = new Rng(seed ^ 0x5bd1e995)
  for (const period of PERIODS) {
    for (const noise of NOISE_KINDS) {
      for (const season of SEASON_KINDS) {
        const recipe = { periodMs: period.periodMs, length, noise, season, events: 0 }
        made.push(makeSeries(`${period.name}/${noise}_${season}.csv`, rng.uint32(), recipe))
      }
    }
  }
  return made
}
