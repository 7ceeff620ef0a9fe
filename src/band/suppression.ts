import type { GradeReason, ScoredInput } from './scored-point.ts'

/** Which departures from the expected value count. */
export const DIRECTIONS = ['both', 'above', 'below'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** Departures no larger than either are let pass. */
export interface Tolerance {
  /** In the units of the metric. */
  readonly absolute: number
  /** Share of the expected value's size: 0.2 is 20 %. */
  readonly relative: number
}

export interface IgnoreOptions {
  readonly above: Tolerance
  readonly below: Tolerance
}

export interface SuppressionRules {
  readonly direction: Direction
  readonly ignore: IgnoreOptions
}

type Suppressed = Extract<
  GradeReason,
  'suppressed_direction' | 'suppressed_small_absolute' | 'suppressed_small_relative'
>

function suppressedInput(input: ScoredInput, rules: SuppressionRules): Suppressed | undefined {
  const departure = input.value - input.expected
  const side = departure >= 0 ? 'above' : 'below'
  if (rules.direction !== 'both' && rules.direction !== side) return 'suppressed_direction'
  const { absolute, relative } = rules.ignore[side]
  const size = Math.abs(departure)
  if (absolute > 0 && size <= absolute) return 'suppressed_small_absolute'
  if (relative > 0 && size <= relative * Math.abs(input.expected)) return 'suppressed_small_relative'
  return undefined
}

/**
 * Why an unusual point is let pass all the same, or undefined: only when every input that has a value and an expected
 * value is let pass. The first input's reason is given.
 */
export function suppressionOf(inputs: readonly ScoredInput[], rules: SuppressionRules): Suppressed | undefined {
  let reason: Suppressed | undefined
  for (const input of inputs) {
    if (Number.isNaN(input.value) || Number.isNaN(input.expected)) continue
    const found = suppressedInput(input, rules)
    if (found === undefined) return undefined
    reason ??= found
  }
  return reason
}
