/** A probabilistic forecast of one window: `quantiles[i]` are the steps' values at `levels[i]`. */
export interface QuantileForecast {
  readonly levels: readonly number[]
  /** Shape [levels][steps], not crossing. */
  readonly quantiles: readonly Float64Array[]
  readonly mean: Float64Array
}

/** The levels that metrics are averaged over when none are given. */
export const DEFAULT_LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const

export interface WindowToScore {
  readonly itemId: string
  readonly forecast: QuantileForecast
  /** True values of the window; NaN where missing. */
  readonly truth: Float64Array
  /** All values before the window, for the seasonal error of MASE. */
  readonly history: Float64Array
}

export interface Accuracy {
  readonly windows: number
  readonly steps: number
  /** Mean over levels of the weighted quantile loss: 2 sum (pinball loss) / sum |y|. */
  readonly meanWql: number
  readonly wql: readonly number[]
  /** The mean over items of each item's own mean weighted quantile loss. */
  readonly macroWql: number
  /** sum |y - median| / sum |y|. */
  readonly nd: number
  readonly rmse: number
  readonly nrmse: number
  /** Mean over windows of the absolute error over the seasonal naive error of the history. */
  readonly mase: number
  readonly smape: number
  /** Share of values at or below the quantile, by level; mean over windows. */
  readonly coverage: readonly number[]
}

/** Twice the pinball loss of a quantile forecast at `level`. */
export function quantileLoss(truth: number, quantile: number, level: number): number {
  return 2 * Math.abs((quantile - truth) * ((truth <= quantile ? 1 : 0) - level))
}

/** Mean |y_t - y_{t-m}| of a history; lag 1 where it is no longer than m; NaN where nothing can be compared. */
export function seasonalError(history: Float64Array, season: number): number {
  const lag = season < history.length ? season : 1
  let sum = 0
  let count = 0
  for (let t = lag; t < history.length; t++) {
    const difference = Math.abs(history[t]! - history[t - lag]!)
    if (!Number.isFinite(difference)) continue
    sum += difference
    count++
  }
  return count === 0 ? Number.NaN : sum / count
}

interface WindowScore {
  readonly itemId: string
  readonly losses: readonly number[]
  readonly covered: readonly number[]
  readonly observed: number
  readonly absoluteTruth: number
  readonly absoluteError: number
  readonly squaredError: number
  readonly smape: number
  readonly seasonalError: number
}

function scoreWindow({ itemId, forecast, truth, history }: WindowToScore, season: number): WindowScore {
  const { levels, quantiles, mean } = forecast
  const median = quantiles[levels.indexOf(0.5)]!
  const losses = levels.map(() => 0)
  const covered = levels.map(() => 0)
  let observed = 0
  let absoluteTruth = 0
  let absoluteError = 0
  let squaredError = 0
  let smape = 0
  let compared = 0
  for (let h = 0; h < truth.length; h++) {
    const y = truth[h]!
    if (!Number.isFinite(y)) continue
    observed++
    absoluteTruth += Math.abs(y)
    const error = Math.abs(y - median[h]!)
    absoluteError += error
    squaredError += (y - mean[h]!) ** 2
    const both = Math.abs(y) + Math.abs(median[h]!)
    if (both > 0) {
      smape += (2 * error) / both
      compared++
    }
    for (let i = 0; i < levels.length; i++) {
      const quantile = quantiles[i]![h]!
      losses[i] = losses[i]! + quantileLoss(y, quantile, levels[i]!)
      if (y <= quantile) covered[i] = covered[i]! + 1
    }
  }
  return {
    itemId,
    losses,
    covered,
    observed,
    absoluteTruth,
    absoluteError,
    squaredError,
    smape: smape / compared,
    seasonalError: seasonalError(history, season),
  }
}

const finite = (values: readonly number[]) => values.filter((value) => Number.isFinite(value))
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
const average = (values: readonly number[]) => (values.length === 0 ? Number.NaN : total(values) / values.length)

function macro(scores: readonly WindowScore[]): number {
  const byItem = new Map<string, { loss: number; truth: number }>()
  for (const score of scores) {
    const item = byItem.get(score.itemId) ?? { loss: 0, truth: 0 }
    byItem.set(score.itemId, {
      loss: item.loss + average(score.losses),
      truth: item.truth + score.absoluteTruth,
    })
  }
  return average([...byItem.values()].filter((item) => item.truth > 0).map((item) => item.loss / item.truth))
}

/**
 * Scores windows as GluonTS' Evaluator does (levels, weighted quantile loss, MASE, coverage): missing truth is left out,
 * windows without a seasonal error are left out of MASE. `macroWql` goes beyond it: each item weighs the same.
 */
export function measureAccuracy(windows: readonly WindowToScore[], season: number): Accuracy {
  const scores = windows.map((window) => scoreWindow(window, season))
  const seen = scores.filter((score) => score.observed > 0)
  const levels = windows[0]?.forecast.levels ?? []
  const truth = total(scores.map((score) => score.absoluteTruth))
  const wql = levels.map((_, i) => total(scores.map((score) => score.losses[i]!)) / truth)
  const rmse = Math.sqrt(average(seen.map((score) => score.squaredError / score.observed)))
  return {
    windows: windows.length,
    steps: total(scores.map((score) => score.observed)),
    meanWql: average(wql),
    wql,
    macroWql: macro(scores),
    nd: total(scores.map((score) => score.absoluteError)) / truth,
    rmse,
    nrmse: rmse / average(seen.map((score) => score.absoluteTruth / score.observed)),
    mase: average(finite(seen.map((score) => score.absoluteError / score.observed / score.seasonalError))),
    smape: average(finite(seen.map((score) => score.smape))),
    coverage: levels.map((_, i) => average(seen.map((score) => score.covered[i]! / score.observed))),
  }
}
