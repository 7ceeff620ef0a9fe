import { TidegaugeError } from '../core/errors.ts'
import { type Frequency, stepMs } from './frequency.ts'

export interface GriddedSeries {
  readonly startMs: number
  /** NaN where the grid has no value. */
  readonly target: Float64Array
}

const STEPS_MAX = 5_000_000

/**
 * Values at their own times brought on the grid of a frequency that begins at the first: each goes to the nearest step,
 * the last of several wins. Throws INPUT_INVALID, naming `where`, when the times contradict the frequency: when they go
 * back, or when most neighbours are not about one step apart.
 */
export function toGrid(times: Float64Array, values: Float64Array, frequency: Frequency, where: string): GriddedSeries {
  const step = stepMs(frequency)
  if (Number.isNaN(step)) {
    throw new TidegaugeError('INPUT_INVALID', 'months have no fixed length', { where, hint: 'give JSON Lines instead' })
  }
  if (times.length === 0) return { startMs: 0, target: new Float64Array(0) }
  const gaps = new Float64Array(times.length - 1)
  for (let i = 1; i < times.length; i++) {
    gaps[i - 1] = times[i]! - times[i - 1]!
    if (gaps[i - 1]! < 0) {
      throw new TidegaugeError('INPUT_INVALID', 'the time goes back', {
        where: `${where}:${i + 2}`,
        hint: 'sort by time',
      })
    }
  }
  const median = gaps.slice().sort()[Math.floor(gaps.length / 2)]
  if (median !== undefined && (median < step / 2 || median > step * 2)) {
    throw new TidegaugeError(
      'INPUT_INVALID',
      `the values lie ${median / 1000} s apart, not ${step / 1000} s (${frequency.text})`,
      {
        where,
        hint: 'correct --freq',
      },
    )
  }
  const startMs = times[0]!
  const length = Math.round((times.at(-1)! - startMs) / step) + 1
  if (length > STEPS_MAX) {
    throw new TidegaugeError('INPUT_INVALID', `spans ${length} steps`, {
      where,
      hint: `at most ${STEPS_MAX}: is a timestamp wrong?`,
    })
  }
  const target = new Float64Array(length).fill(Number.NaN)
  for (let i = 0; i < times.length; i++) target[Math.round((times[i]! - startMs) / step)] = values[i]!
  return { startMs, target }
}
