import { DEFAULT_LEVELS, measureAccuracy, type QuantileForecast } from '../accuracy.ts'
import { chooseBlend, MEMBERS, mixForecasts, sharesOf } from '../blend.ts'
import { Classics } from '../classics/classics.ts'
import { calibrate } from '../conformal.ts'
import { parseFrequency } from '../frequency.ts'
import { Forecaster, membersOf, withinSupport } from './forecast.ts'
import type { DeepArModel } from './model.ts'
import type { ForecastTask } from './path-sampler.ts'

export interface AssessmentOptions {
  readonly horizon: number
  readonly season: number
  readonly samples: number
  readonly seed: number
}

interface Window {
  readonly itemId: string
  readonly history: Float64Array
  readonly truth: Float64Array
}

function windowsOf(heldBack: readonly ForecastTask[], horizon: number): readonly Window[] {
  return heldBack.map(({ series: { source }, split }) => ({
    itemId: source.itemId,
    history: source.target.slice(0, split),
    truth: source.target.slice(split, split + horizon),
  }))
}

/** What the network alone says of the windows, drawn in to what each series can be. */
function networkForecasts(
  model: DeepArModel,
  heldBack: readonly ForecastTask[],
  windows: readonly Window[],
  { horizon, samples, seed }: AssessmentOptions,
): readonly QuantileForecast[] {
  return new Forecaster(model)
    .raw(heldBack, { horizon, samples, seed, levels: DEFAULT_LEVELS })
    .map((forecast, i) => withinSupport(forecast, windows[i]!.history))
}

const accuracyOf = (windows: readonly Window[], forecasts: readonly QuantileForecast[], season: number) =>
  measureAccuracy(
    windows.map((window, i) => ({ ...window, forecast: forecasts[i]! })),
    season,
  )

/** Macro wQL of a model's network; NaN where nothing was held back. */
export function heldBackLoss(
  model: DeepArModel,
  heldBack: readonly ForecastTask[],
  options: AssessmentOptions,
): number {
  if (heldBack.length === 0) return Number.NaN
  const windows = windowsOf(heldBack, options.horizon)
  return accuracyOf(windows, networkForecasts(model, heldBack, windows, options), options.season).macroWql
}

/**
 * What a model is worth on windows that it was not trained on: there each item's shares of network and classics are
 * found, the mixture is calibrated, and the accuracy of the network alone and of seasonal naive are written down. Gives the
 * model with all three.
 */
export function assess(model: DeepArModel, heldBack: readonly ForecastTask[], options: AssessmentOptions): DeepArModel {
  if (heldBack.length === 0) return model
  const { horizon, season } = options
  const windows = windowsOf(heldBack, horizon)
  const network = networkForecasts(model, heldBack, windows, options)
  const own = accuracyOf(windows, network, season)
  if (!Number.isFinite(own.meanWql)) return model
  const classics = new Classics(parseFrequency(model.config.frequency), horizon, DEFAULT_LEVELS)
  const everyone = MEMBERS.map(() => 1)
  const judged = windows.map((window, i) => ({
    ...window,
    members: membersOf(network[i]!, classics, window.history, everyone).flatMap((one) => one ?? []),
  }))
  const blend = chooseBlend(judged)
  const mixed = judged.map(({ itemId, truth, members }) => ({
    forecast: mixForecasts(members, sharesOf(blend, itemId)),
    truth,
  }))
  const naive = judged.map(({ members }) => members[MEMBERS.indexOf('seasonal-naive')]!)
  return {
    ...model,
    blend,
    calibration: calibrate(mixed),
    record: {
      ...model.record,
      macroWql: own.macroWql,
      macroWqlSeasonalNaive: accuracyOf(windows, naive, season).macroWql,
      coverage: own.coverage,
      heldBackWindows: heldBack.length,
    },
  }
}
