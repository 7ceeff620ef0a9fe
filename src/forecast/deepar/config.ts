import type { LikelihoodName } from '../distribution/likelihood.ts'
import type { Scaling } from '../scaler.ts'
import type { TimeFeature } from '../time-features.ts'

/** What a model is: everything but its weights. Written into the model file, so only plain data. */
export interface DeepArConfig {
  readonly frequency: string
  /** Steps that the model forecasts: the decoder's part of a training window. */
  readonly horizon: number
  /** Steps that the encoder sees. */
  readonly context: number
  readonly likelihood: LikelihoodName
  readonly scaling: Scaling
  /** Past values that location and scale are measured on. */
  readonly scaleWindow: number
  readonly layers: number
  readonly cells: number
  readonly dropout: number
  /** Lag l at a step is the value l steps before the predicted one. The first `copied` may be copied to the location. */
  readonly lags: readonly number[]
  readonly copied: number
  readonly features: readonly TimeFeature[]
  /** Distinct values of each static category, and the width of its embedding. */
  readonly cardinalities: readonly number[]
  readonly embeddings: readonly number[]
  readonly dynamicFeatures: number
  /** Mean and deviation of ln(scale) over the training series: the network's input of a scale is standardised by them. */
  readonly logScale: readonly [number, number]
}

/** Columns of one step's input. */
export interface InputLayout {
  readonly lags: number
  readonly observedAt: number
  readonly phasesAt: number
  readonly levelAt: number
  readonly dynamicAt: number
  /** Columns without the embeddings, which the network appends. */
  readonly size: number
  readonly embedded: number
}

export function layoutOf(config: DeepArConfig): InputLayout {
  const lags = config.lags.length
  const phasesAt = lags + 1
  const levelAt = phasesAt + 2 * config.features.length
  const dynamicAt = levelAt + 2
  return {
    lags,
    observedAt: lags,
    phasesAt,
    levelAt,
    dynamicAt,
    size: dynamicAt + config.dynamicFeatures,
    embedded: config.embeddings.reduce((sum, width) => sum + width, 0),
  }
}

/** Width of a category's embedding, as in GluonTS. */
export function embeddingWidth(cardinality: number): number {
  return Math.min(50, Math.floor((cardinality + 1) / 2))
}
