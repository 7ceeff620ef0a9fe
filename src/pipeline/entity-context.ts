import { planAlarms, SeriesAlarms } from '../alarm/series-alarms.ts'
import type { Series } from '../core/series.ts'
import { type ResolvedWindowOptions, resolveWindowOptions } from '../window/options.ts'
import { ModelSlot } from './detector/band-model.ts'
import type { SeriesDetector } from './detector/contract.ts'
import { createDetector, restoreDetector } from './detector/create-detector.ts'
import { ForecastDetector, innerSnapshot } from './detector/forecast-detector.ts'
import type { DetectorSetup } from './detector/options.ts'
import type { PipelineOptions } from './options.ts'
import { furthestSteps, type OutlookPlan } from './outlook-source.ts'
import { PassThroughDetector } from './pass-through-detector.ts'
import { compileMatch } from './selection.ts'

/** What all entities of one task share: options, prepared once. */
export interface EntityContext {
  readonly pipeline: string
  readonly window: ResolvedWindowOptions
  /** Names of a point's inputs; one name, '' for the series' own, without a join. */
  readonly inputNames: readonly string[]
  /** The model that the bands of all series come from, if any. */
  readonly models: ModelSlot
  createDetector(series: Series): SeriesDetector
  restoreDetector(series: Series, bytes: Uint8Array): SeriesDetector
  createAlarms(series: Series): SeriesAlarms
  /** What alarms on forecasts ask; undefined where the pipeline has none. */
  readonly outlooks: OutlookPlan | undefined
}

export function createEntityContext(options: PipelineOptions): EntityContext {
  const plan = planAlarms({ ...options, pipeline: options.name })
  const applies = new Map(options.alarms.map((rule) => [rule.name, compileMatch(rule.match)]))
  const joined = options.join?.metrics
  const inputsOf = (series: Series) => joined ?? [series.name]
  const { detector } = options
  const models = new ModelSlot()
  const setupOf = (series: Series): DetectorSetup | undefined =>
    detector && { ...detector, inputs: inputsOf(series), periodMs: options.window.periodMs }
  const categoriesOf = (series: Series) =>
    detector?.forecast.categories.map((label) => series.labels[label] ?? '') ?? []
  const forecasts = detector !== undefined && detector.forecast.model !== 'seasonal'
  const steps = furthestSteps(options.alarms)
  const outlookParts = {
    pipeline: options.name,
    periodMs: options.window.periodMs,
    inputNames: joined ?? [''],
    dataRange: detector?.band.dataRange ?? {},
  }
  return {
    pipeline: options.name,
    window: resolveWindowOptions(options.window),
    inputNames: joined ?? [''],
    models,
    createDetector: (series) => {
      const setup = setupOf(series)
      if (setup === undefined) return new PassThroughDetector(inputsOf(series))
      const inner = createDetector(setup, [options.name, series.key])
      return forecasts ? new ForecastDetector(inner, setup, models, categoriesOf(series)) : inner
    },
    restoreDetector: (series, bytes) => {
      const setup = setupOf(series)
      if (setup === undefined) return new PassThroughDetector(inputsOf(series))
      const inner = (own: Uint8Array) => restoreDetector(setup, own)
      if (!forecasts) return inner(innerSnapshot(bytes))
      return ForecastDetector.restore(bytes, setup, models, { inner, categories: categoriesOf(series) })
    },
    outlooks: steps === 0 ? undefined : { ...outlookParts, steps },
    createAlarms: (series) =>
      new SeriesAlarms(plan, series, ({ name }) => applies.get(name)?.(series.name, series.labels) ?? false),
  }
}
