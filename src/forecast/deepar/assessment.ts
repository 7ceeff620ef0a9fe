import { DEFAULT_LEVELS, measureAccuracy, type QuantileForecast } from '../accuracy.ts'
import { chooseBlend, type Duel } from '../blend.ts'
import { applyCalibration, calibrate } from '../conformal.ts'
import { seasonalNaive } from '../seasonal-naive.ts'
import { Forecaster, withinSupport } from './forecast.ts'
import type { DeepArModel } from './model.ts'
import type { ForecastTask } from './path-sampler.ts'

export interface AssessmentOptions {
  readonly horizon: number
  readonly season: number
  readonly samples: number
  readonly seed: number
}

/** Macro wQL of a model as it forecasts, calibrated; NaN where nothing was held back. */
export function heldBackLoss(
  model: DeepArModel,
  heldBack: readonly ForecastTask[],
  { horizon, season, samples, seed }: AssessmentOptions,
): number {
  if (heldBack.length === 0) return Number.NaN
  const histories = heldBack.map(({ series, split }) => series.source.target.slice(0, split))
  const windows = new Forecaster(model)
    .raw(heldBack, { horizon, samples, seed, levels: DEFAULT_LEVELS })
    .map((forecast, i) => ({
      itemId: heldBack[i]!.series.source.itemId,
      forecast: withinSupport(
        applyCalibration(withinSupport(forecast, histories[i]!), model.calibration),
        histories[i]!,
      ),
      truth: heldBack[i]!.series.source.target.slice(heldBack[i]!.split, heldBack[i]!.split + horizon),
      history: histories[i]!,
    }))
  return measureAccuracy(windows, season).macroWql
}

/**
 * What a model is worth on windows that it was not trained on: its quantiles are calibrated there, seasonal naive is let
 * in where it is better, and both accuracies are written down. Gives the model with all three.
 */
export function assess(
  model: DeepArModel,
  heldBack: readonly ForecastTask[],
  { horizon, season, samples, seed }: AssessmentOptions,
): DeepArModel {
  if (heldBack.length === 0) return model
  const levels = DEFAULT_LEVELS
  const histories = heldBack.map(({ series, split }) => series.source.target.slice(0, split))
  const truths = heldBack.map(({ series, split }) => series.source.target.slice(split, split + horizon))
  const forecaster = new Forecaster(model)
  // Drawn in to what is possible first: a quantile below 0 of a series that is never negative is no width to learn from.
  const forecasts = forecaster
    .raw(heldBack, { horizon, samples, seed, levels })
    .map((forecast, i) => withinSupport(forecast, histories[i]!))
  const calibration = calibrate(forecasts.map((forecast, i) => ({ forecast, truth: truths[i]! })))
  const duels = heldBack.map(({ series, split }, i): Duel => {
    const history = histories[i]!
    return {
      itemId: series.source.itemId,
      champion: withinSupport(applyCalibration(forecasts[i]!, calibration), history),
      challenger: withinSupport(seasonalNaive(history, season, horizon, levels), history),
      truth: truths[i]!,
      scale: series.affineAt(split).scale,
    }
  })
  const accuracyOf = (pick: (duel: Duel) => QuantileForecast) =>
    measureAccuracy(
      duels.map((duel, i) => ({ ...duel, forecast: pick(duel), history: histories[i]! })),
      season,
    )
  const own = accuracyOf((duel) => duel.champion)
  if (!Number.isFinite(own.meanWql)) return model
  return {
    ...model,
    calibration,
    blend: chooseBlend(duels),
    record: {
      ...model.record,
      macroWql: own.macroWql,
      macroWqlSeasonalNaive: accuracyOf((duel) => duel.challenger).macroWql,
      coverage: own.coverage,
      heldBackWindows: heldBack.length,
    },
  }
}
