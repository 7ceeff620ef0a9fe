import { NETWORK_ALONE } from '../blend.ts'
import { NOT_CALIBRATED } from '../conformal.ts'
import { type Frequency, mainSeason } from '../frequency.ts'
import { admit, type IgnoredSeries } from './admission.ts'
import { assess, heldBackLoss } from './assessment.ts'
import type { DeepArConfig } from './config.ts'
import { type ConfigOverrides, defaultConfig } from './defaults.ts'
import type { DeepArModel } from './model.ts'
import { requireCategories } from './model-file.ts'
import type { ForecastTask } from './path-sampler.ts'
import { type PreparedSeries, prepareSeries, type SeriesInput } from './prepared-series.ts'
import type { Tf } from './tf.ts'
import { type FitProgress, trainingRun } from './training-run.ts'

export type { FitProgress } from './training-run.ts'

export interface FitOptions extends ConfigOverrides {
  readonly frequency: Frequency
  readonly horizon: number
  /** Texts of each static category, by index. */
  readonly categories?: readonly (readonly string[])[]
  readonly steps?: number
  readonly batchSize?: number
  readonly learningRate?: number
  readonly seed?: number
  /** Sample paths of each held-back window. */
  readonly samples?: number
  /** Continue from this model, on more or newer data: its shape is kept, and a tenth of the learning rate is used. */
  readonly warmStart?: DeepArModel
}

export interface Fitted {
  readonly model: DeepArModel
  readonly ignored: readonly IgnoredSeries[]
  /** Batches passed over because their loss was not finite. */
  readonly skippedBatches: number
  /** Macro wQL of the model that training went on from, on the same held-back windows; NaN without one. */
  readonly championLoss: number
}

export const FIT_DEFAULTS = { steps: 4500, batchSize: 64, learningRate: 2e-3, seed: 1, samples: 100 } as const

/** At most this share of a series, and this many windows, is held back. */
const HELD_BACK_SHARE = 0.1
const HELD_BACK_WINDOWS_MAX = 4
/** Held-back windows that are sampled from, over all series. */
const HELD_BACK_SAMPLED_MAX = 1000

/** The last share of the steps, at this share of the learning rate, is spent on all values, the held-back ones too. */
const REFRESH_SHARE = 0.1
const GENTLE_RATE = 0.1

const AVERAGING = 0.995
const WARM_UP_MAX = 50

/** How many windows at a series' end are kept from training: none of a series that has no room for it. */
export function heldBackWindows(length: number, horizon: number): number {
  const wanted = Math.floor((HELD_BACK_SHARE * length) / horizon)
  return length < 4 * horizon ? 0 : Math.min(HELD_BACK_WINDOWS_MAX, Math.max(1, wanted))
}

interface Prepared {
  readonly config: DeepArConfig
  /** Series without the windows held back, and whole. */
  readonly training: readonly PreparedSeries[]
  readonly whole: readonly PreparedSeries[]
  readonly heldBack: readonly ForecastTask[]
}

function prepare(
  series: readonly SeriesInput[],
  horizon: number,
  season: number,
  start: DeepArConfig,
  warm: boolean,
): Prepared {
  const cut = series.map((one) => {
    const kept = one.target.length - heldBackWindows(one.target.length, horizon) * horizon
    return { ...one, target: one.target.slice(0, kept) }
  })
  const config = warm ? start : { ...start, logScale: logScaleOf(cut, start, season) }
  const whole = series.map((one) => prepareSeries(one, config, season))
  const tasks = whole.flatMap((one) =>
    Array.from({ length: heldBackWindows(one.length, horizon) }, (_, w) => ({
      series: one,
      split: one.length - (w + 1) * horizon,
    })),
  )
  // Every k-th window, so that no more are sampled than calibration needs.
  const every = Math.ceil(tasks.length / HELD_BACK_SAMPLED_MAX)
  const heldBack = tasks.filter((_, i) => i % every === 0)
  return { config, training: cut.map((one) => prepareSeries(one, config, season)), whole, heldBack }
}

function logScaleOf(series: readonly SeriesInput[], config: DeepArConfig, season: number): readonly [number, number] {
  const logs = series.map((one) => Math.log(prepareSeries(one, config, season).affineAt(one.target.length).scale))
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length
  const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length
  return [mean, Math.sqrt(variance) || 1]
}

function bareModel(config: DeepArConfig, weights: Float32Array, options: FitOptions, series: number): DeepArModel {
  const { steps, seed } = { ...FIT_DEFAULTS, ...options }
  return {
    config,
    weights,
    calibration: NOT_CALIBRATED,
    blend: NETWORK_ALONE,
    categories: options.categories ?? [],
    record: {
      macroWql: Number.NaN,
      macroWqlSeasonalNaive: Number.NaN,
      coverage: [],
      heldBackWindows: 0,
      series,
      steps,
      seed,
    },
  }
}

/**
 * Trains a model and finds out what it is worth. Windows at the end of each series are held back: on them the best
 * weights are chosen, the quantiles calibrated and the share of the seasonal naive challenger set; then the last steps
 * are spent on all values. A generator, so that the caller can show progress or stop at any step. Same seed and data,
 * same model. Throws INPUT_INVALID for data that cannot be learned from.
 */
export function* fitModel(tf: Tf, series: readonly SeriesInput[], options: FitOptions): Generator<FitProgress, Fitted> {
  const { frequency, horizon, warmStart } = options
  const { steps, batchSize, learningRate, seed, samples } = { ...FIT_DEFAULTS, ...options }
  const categories = options.categories ?? []
  if (warmStart) requireCategories(warmStart, categories, 'warm start')
  const admitted = admit(series, horizon, warmStart?.config.likelihood ?? options.likelihood ?? 'student-t')
  const cardinalities = categories.map((texts) => texts.length)
  const start = warmStart?.config ?? defaultConfig(frequency, horizon, admitted.series, cardinalities, options)
  const season = mainSeason(frequency)
  const prepared = prepare(admitted.series, horizon, season, start, warmStart !== undefined)
  const { config } = prepared
  const refresh = Math.floor(REFRESH_SHARE * steps)
  const rate = warmStart ? GENTLE_RATE * learningRate : learningRate
  const plan = (count: number, peak: number, draw: number) => ({
    steps: count,
    batchSize,
    learningRate: peak,
    warmUp: Math.min(WARM_UP_MAX, Math.ceil(count / 10)),
    averaging: AVERAGING,
    seed: seed * 1009 + draw,
  })
  const run = trainingRun(
    tf,
    config,
    frequency,
    prepared.training,
    prepared.heldBack,
    plan(steps - refresh, rate, 0),
    warmStart?.weights,
  )
  const first = yield* over(run, steps, 0)
  const assessed = assess(bareModel(config, first.weights, options, admitted.series.length), prepared.heldBack, {
    horizon,
    season,
    samples,
    seed,
  })
  const championLoss = warmStart
    ? heldBackLoss(warmStart, prepared.heldBack, { horizon, season, samples, seed })
    : Number.NaN
  const again = trainingRun(
    tf,
    config,
    frequency,
    prepared.whole,
    [],
    plan(refresh, GENTLE_RATE * rate, 1),
    first.weights,
  )
  const last = yield* over(again, steps, steps - refresh)
  return {
    model: { ...assessed, weights: last.weights },
    ignored: admitted.ignored,
    skippedBatches: first.skipped + last.skipped,
    championLoss,
  }
}

/** A part of training as a part of the whole: steps counted from `before`. */
function* over<T>(run: Generator<FitProgress, T>, steps: number, before: number): Generator<FitProgress, T> {
  for (;;) {
    const next = run.next()
    if (next.done === true) return next.value
    yield { ...next.value, step: before + next.value.step, steps }
  }
}
