import { asTidegaugeError } from '../../core/errors.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { DeepArModel } from '../../forecast/deepar/model.ts'
import { decodeModel } from '../../forecast/deepar/model-file.ts'
import type { PredictiveDistribution } from '../../forecast/deepar/predictive-distribution.ts'
import { type StreamPoint, StreamPredictor } from '../../forecast/deepar/stream-predictor.ts'

/** Why a published model is not used. Closed: a metric label. */
export const MODEL_REFUSALS = [
  'damaged',
  'later_version',
  'other_period',
  'other_categories',
  'needs_covariates',
  'no_distribution',
] as const
export type ModelRefusal = (typeof MODEL_REFUSALS)[number]

/** A model as it was published: its file, and the number that it has in its pipeline. */
export interface ModelRelease {
  readonly version: number
  /** A model file. */
  readonly bytes: Uint8Array
}

/** What a stream can give a model. */
export interface ModelNeeds {
  readonly periodMs: number
  /** How many labels stand for static categories. */
  readonly categories: number
}

export interface RefusedModel {
  readonly reason: ModelRefusal
  readonly detail: string
}

/** Series moved side by side in one call: more would only make its buffers larger. */
const TOGETHER = 256

interface Waiting {
  readonly point: StreamPoint
  readonly done: (next: PredictiveDistribution) => void
}

/**
 * A model in use by one task, and the steps of its series that are still to be made: they wait until one of their
 * results is asked for, so that many series move in one call. When they move, and beside whom, changes no result.
 */
export class BandModel {
  readonly version: number
  readonly bytes: Uint8Array
  readonly model: DeepArModel
  readonly predictor: StreamPredictor
  #waiting: Waiting[] = []

  constructor(release: ModelRelease, model: DeepArModel) {
    this.version = release.version
    this.bytes = release.bytes
    this.model = model
    this.predictor = new StreamPredictor(model)
  }

  /** Whether it was better than seasonal naive on windows held back from its training. */
  get wins(): boolean {
    const { macroWql, macroWqlSeasonalNaive } = this.model.record
    return macroWql < macroWqlSeasonalNaive
  }

  /** `done` is called with the distribution of the next period, at the latest in `flush`. */
  enqueue(point: StreamPoint, done: Waiting['done']): void {
    this.#waiting.push({ point, done })
  }

  flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let from = 0; from < waiting.length; from += TOGETHER) {
      const part = waiting.slice(from, from + TOGETHER)
      const next = this.predictor.advance(part.map(({ point }) => point))
      part.forEach(({ done }, i) => {
        const distribution = next[i]
        if (distribution !== undefined) done(distribution)
      })
    }
  }

  /** Indices of a series' categories; undefined when the model has never seen one of them. */
  categoriesOf(texts: readonly string[]): readonly number[] | undefined {
    const indices = texts.map((text, c) => this.model.categories[c]?.indexOf(text) ?? -1)
    return indices.includes(-1) ? undefined : indices
  }
}

/** A published model made ready for a stream, or why this stream cannot use it. */
export function prepareModel(release: ModelRelease, needs: ModelNeeds): Result<BandModel, RefusedModel> {
  try {
    const ready = new BandModel(release, decodeModel(release.bytes, `model version ${release.version}`))
    const misfit = misfitOf(ready, needs)
    return misfit === undefined ? ok(ready) : err(misfit)
  } catch (thrown) {
    const error = asTidegaugeError(thrown)
    const later = error.cause !== undefined && asTidegaugeError(error.cause).code === 'SNAPSHOT_VERSION'
    return err({ reason: later ? 'later_version' : 'damaged', detail: error.describe() })
  }
}

function misfitOf({ model, predictor }: BandModel, needs: ModelNeeds): RefusedModel | undefined {
  const { config, categories } = model
  if (predictor.periodMs !== needs.periodMs) {
    const detail = `the model steps by ${config.frequency}, the pipeline by ${needs.periodMs} ms`
    return { reason: 'other_period', detail }
  }
  if (categories.length !== needs.categories) {
    const detail = `the model has ${categories.length} categories, band.categories names ${needs.categories} labels`
    return { reason: 'other_categories', detail }
  }
  if (config.dynamicFeatures > 0) {
    return {
      reason: 'needs_covariates',
      detail: `the model needs ${config.dynamicFeatures} covariates, a stream has none`,
    }
  }
  if (config.likelihood === 'deterministic-l1') {
    return { reason: 'no_distribution', detail: 'a point forecast has no spread, so it gives no band' }
  }
  return undefined
}

/** The place of a task's model: empty, or the one in use. All detectors of the task look here. */
export class ModelSlot {
  current: BandModel | undefined
}
