/** The library: the pure stages of Tidegauge, for use without Kafka. */
export { TidegaugeError } from './core/errors.ts'
export type { ForestAttribution } from './forest/attribution.ts'
export type { ForestOptions } from './forest/options.ts'
export {
  type ForestNeighbour,
  type ForestScore,
  type PeriodValues,
  RandomCutForest,
} from './forest/random-cut-forest.ts'
