import type { Frequency } from '../frequency.ts'
import type { DeepArConfig } from './config.ts'
import type { ForecastTask } from './path-sampler.ts'
import type { PreparedSeries } from './prepared-series.ts'
import type { Tf } from './tf.ts'
import { Trainer, type TrainingOptions } from './trainer.ts'
import { Validation } from './validation.ts'

export interface FitProgress {
  readonly step: number
  readonly steps: number
  readonly loss: number
  /** Loss on held-back windows, when it was measured after this step. */
  readonly validationLoss?: number
}

export interface TrainedWeights {
  readonly weights: Float32Array
  /** Batches passed over because their loss was not finite. */
  readonly skipped: number
}

/** How often the held-back loss is measured, and after how many measurements without a lower one training stops. */
const VALIDATIONS = 20
const PATIENCE = 6

/** Trains until the steps are done or the held-back loss rises; gives the averaged weights of its lowest loss. */
export function* trainingRun(
  tf: Tf,
  config: DeepArConfig,
  frequency: Frequency,
  series: readonly PreparedSeries[],
  heldBack: readonly ForecastTask[],
  options: TrainingOptions,
  start?: Float32Array,
): Generator<FitProgress, TrainedWeights> {
  const { steps } = options
  const trainer = new Trainer(tf, config, frequency, series, options, start)
  const validation = new Validation(tf, trainer, config, frequency, heldBack)
  const every = Math.max(1, Math.floor(steps / VALIDATIONS))
  let skipped = 0
  try {
    while (!trainer.done && validation.patience < PATIENCE) {
      const { step, loss, applied } = trainer.step()
      if (!applied) skipped++
      const measured = step % every === 0 || trainer.done ? validation.measure() : undefined
      yield { step, steps, loss, ...(measured === undefined ? {} : { validationLoss: measured }) }
    }
    return { weights: validation.best(), skipped }
  } finally {
    trainer.dispose()
  }
}
