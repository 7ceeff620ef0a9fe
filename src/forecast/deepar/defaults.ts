import { TidegaugeError } from '../../core/errors.ts'
import { LIKELIHOOD_BY_NAME } from '../distribution/families.ts'
import type { LikelihoodName } from '../distribution/likelihood.ts'
import { type Frequency, seasonsOf, stepMs } from '../frequency.ts'
import { defaultLags, LAG_MAX } from '../lags.ts'
import type { Scaling } from '../scaler.ts'
import { supportedFeatures } from '../time-features.ts'
import { type DeepArConfig, embeddingWidth } from './config.ts'
import type { SeriesInput } from './prepared-series.ts'

/** What may be set by hand; the rest follows from frequency and lengths. */
export interface ConfigOverrides {
  readonly context?: number
  readonly likelihood?: LikelihoodName
  readonly cells?: number
  readonly layers?: number
  readonly dropout?: number
  readonly lags?: readonly number[]
}

const CONTEXT_MIN = 48
const CONTEXT_MAX = 96

/** Longer horizons are reached step by step by a model trained on windows of this many. */
const TRAINED_HORIZON_MAX = 96

/** Bounds of the past that location and scale are measured on. */
const SCALE_WINDOW_MIN = 96
const SCALE_WINDOW_MAX = 2016

function scalingOf(likelihood: LikelihoodName): Scaling {
  const { support } = LIKELIHOOD_BY_NAME[likelihood]
  return support === 'real' ? 'location-scale' : support === 'count' ? 'mean-abs' : 'none'
}

/** Two of the longest season that the history holds four of: its level is then that of whole seasons. */
function scaleWindowOf(seasons: readonly number[], longest: number): number {
  const season = seasons.filter((steps) => 4 * steps <= longest).at(-1) ?? 48
  return Math.min(SCALE_WINDOW_MAX, Math.max(SCALE_WINDOW_MIN, 2 * season))
}

/** A model's shape from the frequency and the lengths of the series alone. `logScale` is measured later. */
export function defaultConfig(
  frequency: Frequency,
  horizon: number,
  series: readonly SeriesInput[],
  cardinalities: readonly number[],
  overrides: ConfigOverrides,
): DeepArConfig {
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new TidegaugeError('CONFIG_INVALID', `a horizon of ${horizon} steps`, {
      where: 'horizon',
      hint: 'at least 1',
    })
  }
  const likelihood = overrides.likelihood ?? 'student-t'
  const longest = series.reduce((most, one) => Math.max(most, one.target.length), 0)
  const span = Number.isNaN(stepMs(frequency)) ? longest * 30 * 86_400_000 : longest * stepMs(frequency)
  const seasons = seasonsOf(frequency).filter((steps) => 2 * steps <= longest && steps <= LAG_MAX)
  const canCopy = LIKELIHOOD_BY_NAME[likelihood].hasLocation
  const copies = canCopy ? [...new Set([1, ...seasons])] : []
  const others = overrides.lags ?? defaultLags(frequency, Math.floor(longest / 2))
  return {
    frequency: frequency.text,
    horizon: Math.min(horizon, TRAINED_HORIZON_MAX),
    context: overrides.context ?? Math.min(CONTEXT_MAX, Math.max(CONTEXT_MIN, horizon)),
    likelihood,
    scaling: scalingOf(likelihood),
    scaleWindow: scaleWindowOf(seasons, longest),
    layers: overrides.layers ?? 2,
    cells: overrides.cells ?? 40,
    dropout: overrides.dropout ?? 0.1,
    lags: [...copies, ...others.filter((lag) => !copies.includes(lag))],
    copied: copies.length,
    features: supportedFeatures(frequency, span),
    cardinalities,
    embeddings: cardinalities.map(embeddingWidth),
    dynamicFeatures: series.reduce((most, one) => Math.max(most, one.dynamic.length), 0),
    logScale: [0, 1],
  }
}
