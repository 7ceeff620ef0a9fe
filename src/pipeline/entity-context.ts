import { planAlarms, SeriesAlarms } from '../alarm/series-alarms.ts'
import type { Series } from '../core/series.ts'
import { type ResolvedWindowOptions, resolveWindowOptions } from '../window/options.ts'
import type { SeriesDetector } from './detector/contract.ts'
import { createDetector, restoreDetector } from './detector/create-detector.ts'
import type { PipelineOptions } from './options.ts'
import { PassThroughDetector } from './pass-through-detector.ts'
import { compileMatch } from './selection.ts'

/** What all entities of one task share: options, prepared once. */
export interface EntityContext {
  readonly pipeline: string
  readonly window: ResolvedWindowOptions
  /** Names of a point's inputs; one name, '' for the series' own, without a join. */
  readonly inputNames: readonly string[]
  createDetector(series: Series): SeriesDetector
  restoreDetector(series: Series, bytes: Uint8Array): SeriesDetector
  createAlarms(series: Series): SeriesAlarms
}

export function createEntityContext(options: PipelineOptions): EntityContext {
  const plan = planAlarms({ ...options, pipeline: options.name })
  const applies = new Map(options.alarms.map((rule) => [rule.name, compileMatch(rule.match)]))
  const joined = options.join?.metrics
  const inputsOf = (series: Series) => joined ?? [series.name]
  const { detector } = options
  return {
    pipeline: options.name,
    window: resolveWindowOptions(options.window),
    inputNames: joined ?? [''],
    createDetector: (series) =>
      detector === undefined
        ? new PassThroughDetector(inputsOf(series))
        : createDetector({ ...detector, inputs: inputsOf(series), periodMs: options.window.periodMs }, [
            options.name,
            series.key,
          ]),
    restoreDetector: (series, bytes) =>
      detector === undefined
        ? new PassThroughDetector(inputsOf(series))
        : restoreDetector({ ...detector, inputs: inputsOf(series), periodMs: options.window.periodMs }, bytes),
    createAlarms: (series) =>
      new SeriesAlarms(plan, series, ({ name }) => applies.get(name)?.(series.name, series.labels) ?? false),
  }
}
