import { Rng } from '../../src/core/rng.ts'
import type { LabelledSeries } from './evaluate.ts'
import { plantIncidents } from './incidents.ts'
import { makeDayCurve, SEASON_KINDS, type SeasonKind } from './noise.ts'
import { boundsOf, cleanValues, METRIC_KINDS, type MetricKind, metricSource } from './service-metrics.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2024, 0, 1)
const PERIODS = [
  { periodMs: 3_600_000, length: 1_500, name: 'hourly' },
  { periodMs: 300_000, length: 4_000, name: '5-minute' },
  { periodMs: 60_000, length: 8_000, name: 'minutely' },
] as const

interface Recipe {
  readonly name: string
  readonly periodMs: number
  readonly length: number
  readonly kind: MetricKind
  readonly season: SeasonKind
  readonly incidents: number
}

function makeSeries(seed: number, recipe: Recipe): LabelledSeries {
  const rng = new Rng(seed)
  const startMs = START_MS + rng.below(7) * DAY_MS
  const { periodMs, length, kind, season, name } = recipe
  const source = metricSource(rng, kind)
  const values = cleanValues(source, makeDayCurve(rng, season), { startMs, periodMs, length })
  const place = { perDay: Math.round(DAY_MS / periodMs), seasonal: season !== 'none', bounds: boundsOf(kind) }
  const events = plantIncidents(rng, values, recipe.incidents, place)
  return { name, periodMs, startMs, values: values.map((value) => Math.round(value * 1e4) / 1e4), events }
}

/** Every period, metric and season, `copies` of each, with 1 to 6 incidents a series. */
export function serviceCorpus(seed: number, copies = 1): LabelledSeries[] {
  const rng = new Rng(seed ^ 0x2545f491)
  const made: LabelledSeries[] = []
  for (const { periodMs, length, name } of PERIODS) {
    for (const kind of METRIC_KINDS) {
      for (const season of SEASON_KINDS) {
        for (let copy = 0; copy < copies; copy++) {
          const incidents = 1 + rng.below(6)
          const recipe = { name: `${name}/${kind}_${season}_${copy}.csv`, periodMs, length, kind, season, incidents }
          made.push(makeSeries(rng.uint32(), recipe))
        }
      }
    }
  }
  return made
}

/** The same metrics with nothing wrong, long enough to count rare false alarms. */
export function cleanServices(seed: number, length = 10_000): LabelledSeries[] {
  const rng = new Rng(seed ^ 0x1b873593)
  return PERIODS.flatMap(({ periodMs, name }) =>
    METRIC_KINDS.flatMap((kind) =>
      SEASON_KINDS.map((season) =>
        makeSeries(rng.uint32(), {
          name: `${name}/${kind}_${season}.csv`,
          periodMs,
          length,
          kind,
          season,
          incidents: 0,
        }),
      ),
    ),
  )
}
