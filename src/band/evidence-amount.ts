import type { GradeReason } from './scored-point.ts'

/** What made a point unusual, in the words of the reasons. */
export type AnomalyKind = Extract<GradeReason, `anomalous_${string}`>

/** -log10 of how seldom such a point comes, about, and what it comes from. */
export interface Evidence {
  readonly amount: number
  readonly kind: AnomalyKind
}

export function larger(a: Evidence, b: Evidence): Evidence {
  return b.amount > a.amount ? b : a
}

/** The 4-norm: near the larger one, a little more when both agree. */
export function norm(a: number, b: number): number {
  return Math.sqrt(Math.hypot(a * a, b * b))
}
