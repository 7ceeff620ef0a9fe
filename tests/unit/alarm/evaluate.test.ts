import { describe, expect, it } from 'vitest'
import { DATAPOINT } from '../../../src/alarm/datapoint.ts'
import { evaluate, evaluationRange } from '../../../src/alarm/evaluate.ts'
import { MISSING_DATA_POLICIES } from '../../../src/alarm/options.ts'
import { CELLS } from '../../golden/alarm/missing-data-cells.ts'

const LETTERS: Readonly<Record<string, number>> = {
  O: DATAPOINT.ok,
  X: DATAPOINT.breaching,
  '-': DATAPOINT.missing,
  u: DATAPOINT.unjudged,
}
const kindsOf = (points: string) => [...points].map((letter) => LETTERS[letter]!)

const decide = (points: string, m: number, n: number, treatMissingData: (typeof MISSING_DATA_POLICIES)[number]) =>
  evaluate(kindsOf(points), { evaluationPeriods: n, datapointsToAlarm: m, treatMissingData })

describe('evaluate', () => {
  const cells = CELLS.flatMap(({ m, points, fill, states }) =>
    MISSING_DATA_POLICIES.map((policy) => ({ m, points, fill, policy, state: states[policy] })),
  )

  it('has all forty documented cells to prove', () => {
    expect(cells).toHaveLength(40)
  })

  it.each(cells)('$m of 3, $points, $policy -> $state', ({ m, points, fill, policy, state }) => {
    const evaluation = decide(points, m, 3, policy)
    expect(evaluation.verdict).toBe(state)
    if (policy === 'breaching' || policy === 'notBreaching') expect(evaluation.filled).toBe(fill)
    else expect(evaluation.filled).toBe(0)
  })

  it('looks back on five datapoints for N = 3, as documented', () => {
    expect(evaluationRange(3)).toBe(5)
    expect(evaluationRange(1)).toBe(3)
  })

  it('does not go to ALARM while the only breaching datapoint is younger than M periods', () => {
    expect(decide('----X', 3, 3, 'missing')).toMatchObject({ verdict: 'keep', rule: 'undecided' })
    expect(decide('---X-', 3, 3, 'missing')).toMatchObject({ verdict: 'keep', rule: 'undecided' })
    expect(decide('--X--', 3, 3, 'missing')).toMatchObject({ verdict: 'ALARM', rule: 'few_breaching' })
  })

  it.each(['missing', 'breaching', 'notBreaching'] as const)('nothing judged yet is no data, under %s', (policy) => {
    expect(decide('uuuuu', 3, 3, policy).verdict).toBe('INSUFFICIENT_DATA')
  })

  it('does not fill in periods before the series began', () => {
    expect(decide('uuuuO', 2, 3, 'breaching')).toMatchObject({ verdict: 'OK', filled: 0 })
    expect(decide('uuuO-', 2, 3, 'breaching')).toMatchObject({ verdict: 'OK', filled: 1 })
    expect(decide('uuO--', 2, 3, 'breaching')).toMatchObject({ verdict: 'ALARM', filled: 2 })
  })

  it('waits for M missing periods before silence alone is an alarm', () => {
    expect(decide('uuu--', 3, 3, 'breaching').verdict).toBe('keep')
    expect(decide('uu---', 3, 3, 'breaching').verdict).toBe('ALARM')
  })

  it('M of N looks at the newest N real datapoints only', () => {
    expect(decide('XXOOO', 1, 3, 'missing').verdict).toBe('OK')
    expect(decide('OOXOO', 1, 3, 'missing').verdict).toBe('ALARM')
    expect(decide('XOX-O', 2, 3, 'missing').verdict).toBe('OK')
    expect(decide('XXX-O', 2, 3, 'missing').verdict).toBe('ALARM')
  })
})
