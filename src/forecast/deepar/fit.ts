import { DEFAULT_LEVELS, measureAccuracy } from '../accuracy.ts'
import { CHAMPION_ALONE, chooseBlend, type Duel } from '../blend.ts'
import { applyCalibration, calibrate, noCalibration } from '../conformal.ts'
import { type Frequency, mainSeason } from '../frequency.ts'
import { seasonalNaive } from '../seasonal-naive.ts'
import { admit, type IgnoredSeries } from './admission.ts'
import type { DeepArConfig } from './config.ts'
import { type ConfigOverrides, defaultConfig } from './defaults.ts'
import { Forecaster, withinSupport } from './forecast.ts'
import type { DeepArModel } from './model.ts'
import type { ForecastTask } from './path-sampler.ts'
import { type PreparedSeries, prepareSeries, type SeriesInput } from './prepared-series.ts'
import type { Tf } from './tf.ts'
import { Trainer } from './trainer.ts'
import { Validation } from './validation.ts'

export interface FitOptions extends ConfigOverrides {
  readonly frequency: Frequency
  readonly horizon: number
  /** Texts of each static category, by index. */
  readonly categories?: readonly (readonly string[])[]
  /** Training steps in all, shared by the members of the ensemble. */
  readonly steps?: number
  readonly batchSize?: number
  readonly learningRate?: number
  readonly members?: number
  readonly seed?: number
  /** Sample paths a held-back window. */
  readonly samples?: number
  /** Continue from this model: same shape, more or newer data. */
  readonly warmStart?: DeepArModel
}

export interface FitProgress {
  readonly member: number
  readonly members: number
  /** Over all members. */
  readonly step: number
  readonly steps: number
  readonly loss: number
  /** Loss on held-back windows, when it was measured after this step. */
  readonly validationLoss?: number
}

export interface Fitted {
  readonly model: DeepArModel
  readonly ignored: readonly IgnoredSeries[]
  /** Batches passed over because their loss was not finite. */
  readonly skippedBatches: number
}

export const FIT_DEFAULTS = {
  steps: 3000,
  batchSize: 64,
  learningRate: 2e-3,
  members: 2,
  seed: 1,
  samples: 100,
} as const

/** At most this share of a series, and this many windows, is held back. */
const HELD_BACK_SHARE = 0.1
const HELD_BACK_WINDOWS_MAX = 4
/** Held-back windows that are sampled from, over all series. */
const HELD_BACK_SAMPLED_MAX = 1000
const VALIDATIONS = 20
const PATIENCE = 6

interface Prepared {
  readonly config: DeepArConfig
  readonly training: readonly PreparedSeries[]
  readonly heldBack: readonly ForecastTask[]
  readonly season: number
}

/** How many windows at a series' end are kept from training: none of a series that has no room for it. */
export function heldBackWindows(length: number, horizon: number): number {
  const wanted = Math.floor((HELD_BACK_SHARE * length) / horizon)
  return length < 4 * horizon ? 0 : Math.min(HELD_BACK_WINDOWS_MAX, Math.max(1, wanted))
}

function prepare(series: readonly SeriesInput[], options: FitOptions, start: DeepArConfig): Prepared {
  const { horizon, frequency } = options
  const season = mainSeason(frequency)
  const cut = series.map((one) => {
    const kept = one.target.length - heldBackWindows(one.target.length, horizon) * horizon
    return { ...one, target: one.target.slice(0, kept) }
  })
  const config = options.warmStart ? start : { ...start, logScale: logScaleOf(cut, start, season) }
  const training = cut.map((one) => prepareSeries(one, config, season))
  const heldBack = series.flatMap((one) => {
    const windows = heldBackWindows(one.target.length, horizon)
    if (windows === 0) return []
    const prepared = prepareSeries(one, config, season)
    return Array.from({ length: windows }, (_, w) => ({ series: prepared, split: prepared.length - (w + 1) * horizon }))
  })
  return { config, training, heldBack: thinned(heldBack), season }
}

/** Every k-th window, so that no more are sampled than calibration needs. */
function thinned(tasks: readonly ForecastTask[]): readonly ForecastTask[] {
  const every = Math.ceil(tasks.length / HELD_BACK_SAMPLED_MAX)
  return tasks.filter((_, i) => i % every === 0)
}

function logScaleOf(series: readonly SeriesInput[], config: DeepArConfig, season: number): readonly [number, number] {
  const logs = series.map((one) => Math.log(prepareSeries(one, config, season).affineAt(one.target.length).scale))
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length
  const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length
  return [mean, Math.sqrt(variance) || 1]
}

/**
 * Trains an ensemble and finds out what it is worth: windows at the end of each series are held back; on them the best
 * weights of each member are chosen, the quantiles calibrated, and the share of the seasonal naive challenger set. A
 * generator, so that the caller can show progress, or stop it at any step. Same seed and data, same model.
 */
export function* fit(tf: Tf, series: readonly SeriesInput[], options: FitOptions): Generator<FitProgress, Fitted> {
  const admitted = admit(series, options.horizon, options.likelihood ?? 'student-t')
  const categories = options.categories ?? []
  const start =
    options.warmStart?.config ??
    defaultConfig(
      options.frequency,
      options.horizon,
      admitted.series,
      categories.map((texts) => texts.length),
      options,
    )
  const prepared = prepare(admitted.series, options, start)
  const settings = { ...FIT_DEFAULTS, ...options }
  const members: Float32Array[] = []
  let skippedBatches = 0
  for (let m = 0; m < settings.members; m++) {
    const trained = yield* trainMember(tf, prepared, options, m)
    members.push(trained.weights)
    skippedBatches += trained.skipped
  }
  const bare: DeepArModel = {
    config: prepared.config,
    members,
    calibration: noCalibration(DEFAULT_LEVELS),
    blend: CHAMPION_ALONE,
    categories,
    record: {
      macroWql: Number.NaN,
      macroWqlSeasonalNaive: Number.NaN,
      coverage: [],
      heldBackWindows: 0,
      series: admitted.series.length,
      steps: settings.steps,
      seed: settings.seed,
    },
  }
  return { model: assess(tf, bare, prepared, options), ignored: admitted.ignored, skippedBatches }
}

function* trainMember(
  tf: Tf,
  { config, training, heldBack }: Prepared,
  options: FitOptions,
  member: number,
): Generator<FitProgress, { weights: Float32Array; skipped: number }> {
  const { steps, members, batchSize, learningRate, seed } = { ...FIT_DEFAULTS, ...options }
  const own = Math.floor(steps / members) + (member < steps % members ? 1 : 0)
  const trainer = new Trainer(
    tf,
    config,
    options.frequency,
    training,
    {
      steps: own,
      batchSize,
      learningRate,
      warmUp: Math.min(50, Math.ceil(own / 10)),
      averaging: 0.995,
      seed: seed * 1009 + member,
    },
    options.warmStart?.members[member],
  )
  const validation = new Validation(tf, trainer, config, options.frequency, heldBack)
  const every = Math.max(1, Math.floor(own / VALIDATIONS))
  const before = Math.floor(steps / members) * member + Math.min(member, steps % members)
  let skipped = 0
  try {
    while (!trainer.done && validation.patience < PATIENCE) {
      const report = trainer.step()
      if (!report.applied) skipped++
      const measured = report.step % every === 0 || trainer.done ? validation.measure() : undefined
      yield {
        member,
        members,
        step: before + report.step,
        steps,
        loss: report.loss,
        ...(measured === undefined ? {} : { validationLoss: measured }),
      }
    }
    return { weights: validation.best(), skipped }
  } finally {
    trainer.dispose()
  }
}

/** Calibrates, lets the challenger in where it is better, and writes down the accuracy on the held-back windows. */
function assess(tf: Tf, model: DeepArModel, { heldBack, season }: Prepared, options: FitOptions): DeepArModel {
  const { horizon } = options
  const levels = DEFAULT_LEVELS
  if (heldBack.length === 0) return model
  const { samples, seed } = { ...FIT_DEFAULTS, ...options }
  const forecaster = new Forecaster(tf, model)
  const forecasts = forecaster.raw(heldBack, { horizon, samples, seed, levels })
  forecaster.dispose()
  const truths = heldBack.map(({ series, split }) => series.source.target.slice(split, split + horizon))
  const calibration = calibrate(
    forecasts.map((forecast, i) => ({ forecast, truth: truths[i]! })),
    levels,
  )
  const duels: Duel[] = heldBack.map(({ series, split }, i) => {
    const history = series.source.target.slice(0, split)
    return {
      itemId: series.source.itemId,
      champion: withinSupport(applyCalibration(forecasts[i]!, calibration), history),
      challenger: withinSupport(seasonalNaive(history, season, horizon, levels), history),
      truth: truths[i]!,
      scale: series.affineAt(split).scale,
    }
  })
  const blend = chooseBlend(duels)
  const score = (pick: (duel: Duel) => Duel['champion']) =>
    measureAccuracy(
      duels.map((duel, i) => ({
        itemId: duel.itemId,
        forecast: pick(duel),
        truth: duel.truth,
        history: heldBack[i]!.series.source.target.slice(0, heldBack[i]!.split),
      })),
      season,
    )
  const own = score((duel) => duel.champion)
  const naive = score((duel) => duel.challenger)
  if (!Number.isFinite(own.meanWql)) return model
  return {
    ...model,
    calibration,
    blend,
    record: {
      ...model.record,
      macroWql: own.macroWql,
      macroWqlSeasonalNaive: naive.macroWql,
      coverage: own.coverage,
      heldBackWindows: heldBack.length,
    },
  }
}
