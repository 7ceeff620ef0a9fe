import { Presets, SingleBar } from 'cli-progress'
import type { FitProgress } from '../../forecast/deepar/fit.ts'

export interface TrainingProgress {
  readonly show: (progress: FitProgress) => void
  readonly stop: () => void
}

/** A bar with step, loss and time left on stderr; nothing where that is no terminal, nor when `quiet`. */
export function trainingProgress(quiet: boolean): TrainingProgress {
  if (quiet || process.stderr.isTTY !== true) return { show: () => {}, stop: () => {} }
  const bar = new SingleBar(
    {
      format:
        'training {bar} {percentage}% | {value}/{total} | loss {loss} | held back {validation} | {eta_formatted} left',
      stream: process.stderr,
      etaBuffer: 200,
      gracefulExit: false,
    },
    Presets.shades_classic,
  )
  let started = false
  let smooth = Number.NaN
  let validation = 'not yet'
  const show = ({ step, steps, loss, validationLoss }: FitProgress) => {
    smooth = Number.isNaN(smooth) ? loss : 0.98 * smooth + 0.02 * loss
    if (validationLoss !== undefined) validation = validationLoss.toFixed(3)
    const payload = { loss: smooth.toFixed(3), validation }
    if (!started) bar.start(steps, step, payload)
    started = true
    bar.update(step, payload)
  }
  return { show, stop: () => (started ? bar.stop() : undefined) }
}
