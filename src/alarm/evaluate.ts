import { DATAPOINT } from './datapoint.ts'
import type { AlarmOptions } from './options.ts'
import type { AlarmState } from './state.ts'

/**
 * Which rule decided. Closed.
 *
 * - `measured`: N real datapoints were found in the range; the policy has no say
 * - `filled`: fewer were, and the policy filled in the rest
 * - `partly_measured`: fewer were, the policy fills nothing in, and what there is decides
 * - `few_breaching`: fewer were, all of them breach, and the oldest is M or more periods back
 * - `undecided`: fewer were, all of them breach, but it is too early to say; the state is kept
 * - `no_data`: no real datapoint in the range
 */
const EVALUATION_RULES = ['measured', 'filled', 'partly_measured', 'few_breaching', 'undecided', 'no_data'] as const
type EvaluationRule = (typeof EVALUATION_RULES)[number]

export interface Evaluation {
  /** The state to be in, or `keep` for the one that the alarm is in. */
  readonly verdict: AlarmState | 'keep'
  readonly rule: EvaluationRule
  /** Real datapoints that were counted: the newest N at most. */
  readonly counted: number
  /** Breaching ones among `counted`. */
  readonly breaching: number
  /** Missing datapoints that the policy filled in. */
  readonly filled: number
}

/** What of an alarm decides an evaluation. */
export type EvaluationSettings = Pick<AlarmOptions, 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'>

/**
 * How many periods an evaluation looks back on. It is more than N, so that late or lost datapoints are replaced by
 * older measured ones before any policy is asked. CloudWatch publishes one size, 5 for N = 3; a lost delivery costs a
 * number of periods and not a share of the window, so N + 2 is taken for every N.
 */
export function evaluationRange(evaluationPeriods: number): number {
  return evaluationPeriods + 2
}

interface Tally {
  real: number
  counted: number
  breaching: number
  missing: number
  /** How many periods back the oldest breaching datapoint of the range is; the newest is 1. */
  oldestBreaching: number
}

function tally(kinds: ArrayLike<number>, n: number): Tally {
  const found: Tally = { real: 0, counted: 0, breaching: 0, missing: 0, oldestBreaching: 0 }
  for (let age = 1; age <= kinds.length; age++) {
    const kind = kinds[kinds.length - age]
    if (kind === DATAPOINT.missing) found.missing++
    if (kind !== DATAPOINT.ok && kind !== DATAPOINT.breaching) continue
    found.real++
    if (found.counted === n) continue
    found.counted++
    if (kind !== DATAPOINT.breaching) continue
    found.breaching++
    found.oldestBreaching = age
  }
  return found
}

/**
 * Decides the state of an alarm from the kinds of the datapoints in its evaluation range, oldest first.
 *
 * With N real datapoints in the range, the newest N decide alone. With fewer, all real ones are kept and only
 * N - real missing ones are filled in by the policy. This reproduces all forty documented cells of CloudWatch's user
 * guide, "Configuring how alarms treat missing data"; where its prose and its tables disagree, the tables win: the
 * rule for few datapoints needs that no real datapoint in the range is fine, not only no newer one.
 */
export function evaluate(kinds: ArrayLike<number>, settings: EvaluationSettings): Evaluation {
  const { evaluationPeriods: n, datapointsToAlarm: m, treatMissingData: policy } = settings
  const found = tally(kinds, n)
  const { counted, breaching } = found
  if (found.real >= n) return decision(found, breaching >= m ? 'ALARM' : 'OK', 'measured')
  const fillable = Math.min(n - counted, found.missing)
  if (found.real === 0) return evaluateSilence(found, policy, fillable, m)
  if (policy === 'breaching') return decision(found, breaching + fillable >= m ? 'ALARM' : 'OK', 'filled', fillable)
  if (policy === 'notBreaching') return decision(found, breaching >= m ? 'ALARM' : 'OK', 'filled', fillable)
  if (breaching >= m) return decision(found, 'ALARM', 'partly_measured')
  if (breaching < counted) return decision(found, 'OK', 'partly_measured')
  if (found.oldestBreaching < m) return decision(found, 'keep', 'undecided')
  return decision(found, policy === 'missing' ? 'ALARM' : 'keep', 'few_breaching')
}

/** No real datapoint in the range. Where nothing can be filled in either, there is nothing to be sure of. */
function evaluateSilence(
  found: Tally,
  policy: AlarmOptions['treatMissingData'],
  fillable: number,
  m: number,
): Evaluation {
  if (policy === 'ignore') return decision(found, 'keep', 'no_data')
  if (policy === 'missing' || fillable === 0) return decision(found, 'INSUFFICIENT_DATA', 'no_data')
  if (policy === 'notBreaching') return decision(found, 'OK', 'filled', fillable)
  return fillable >= m ? decision(found, 'ALARM', 'filled', fillable) : decision(found, 'keep', 'no_data')
}

function decision(found: Tally, verdict: Evaluation['verdict'], rule: EvaluationRule, filled = 0): Evaluation {
  return { verdict, rule, counted: found.counted, breaching: found.breaching, filled }
}
