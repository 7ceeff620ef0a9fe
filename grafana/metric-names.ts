import { METRICS } from '../src/adapters/prometheus/metrics.ts'
import { SERIES_METRICS } from '../src/adapters/prometheus/series-metrics.ts'

type Names<Specs extends Readonly<Record<string, { readonly name: string }>>> = {
  readonly [Id in keyof Specs]: Specs[Id]['name']
}

const namesOf = <Specs extends Readonly<Record<string, { readonly name: string }>>>(specs: Specs) =>
  Object.fromEntries(Object.entries(specs).map(([id, { name }]) => [id, name])) as Names<Specs>

/** Names for queries, from the tables that the service exposes by: a metric that is renamed there is renamed here. */
export const NAMES = namesOf(METRICS)
export const SERIES = namesOf(SERIES_METRICS)
