import { describe, expect, it } from 'vitest'
import { compare } from '../../../src/alarm/compare.ts'
import { DATAPOINT, toDatapoint } from '../../../src/alarm/datapoint.ts'
import { type AlarmInput, alarmOptions } from '../../../src/alarm/options.ts'
import { missingPoint, scoredPoint } from '../../support/scored-points.ts'

const options = (given: Partial<AlarmInput> = {}) => alarmOptions({ name: 'a', periodMs: 60_000, ...given })
const kindOf = (point: ReturnType<typeof scoredPoint>, given: Partial<AlarmInput>) =>
  toDatapoint(point, options(given)).kind

describe('compare', () => {
  it.each([
    ['LessThanLowerOrGreaterThanUpperThreshold', [true, false, false, true]],
    ['LessThanLowerThreshold', [true, false, false, false]],
    ['GreaterThanUpperThreshold', [false, false, false, true]],
  ] as const)('%s is strict at both edges', (operator, breaching) => {
    expect([4.9, 5, 15, 15.1].map((value) => compare(value, operator, 5, 15))).toEqual(breaching)
  })

  it.each([
    ['GreaterThanOrEqualToThreshold', false, true, true],
    ['GreaterThanThreshold', false, false, true],
    ['LessThanThreshold', true, false, false],
    ['LessThanOrEqualToThreshold', true, true, false],
  ] as const)('%s below, at and above', (operator, below, at, above) => {
    expect([6, 7, 8].map((value) => compare(value, operator, 7, 7))).toEqual([below, at, above])
  })
})

describe('toDatapoint', () => {
  it('on band: outside breaches, and the band at that time is kept', () => {
    expect(toDatapoint(scoredPoint(0, {}, { value: 16 }), options())).toEqual({
      kind: DATAPOINT.breaching,
      value: 16,
      lower: 5,
      upper: 15,
    })
  })

  it('on band: a point without a band cannot be judged', () => {
    expect(kindOf(scoredPoint(0, {}, { lower: Number.NaN, upper: Number.NaN }), {})).toBe(DATAPOINT.unjudged)
  })

  it('an imputed value is a missing datapoint, whatever it is', () => {
    const imputed = scoredPoint(0, { grade: 1, reason: 'anomalous_value' }, { value: 99, observed: false })
    expect(kindOf(imputed, {})).toBe(DATAPOINT.missing)
    expect(kindOf(imputed, { on: 'grade' })).toBe(DATAPOINT.missing)
    expect(kindOf(imputed, { on: 'threshold', threshold: 1 })).toBe(DATAPOINT.missing)
    expect(kindOf(missingPoint(0), {})).toBe(DATAPOINT.missing)
  })

  it('on grade: any grade above 0 breaches by default, and 0 never does', () => {
    expect(kindOf(scoredPoint(0, { grade: 0.01 }), { on: 'grade' })).toBe(DATAPOINT.breaching)
    expect(kindOf(scoredPoint(0, { grade: 0 }), { on: 'grade' })).toBe(DATAPOINT.ok)
  })

  it('on grade: what was breaching goes on while the detector only declines to say it again', () => {
    const graded = options({ on: 'grade' })
    const breaching = { kind: DATAPOINT.breaching, value: 0.9 }
    const resting = scoredPoint(0, { grade: 0, reason: 'suppressed_rest' })
    expect(toDatapoint(resting, graded, breaching)).toMatchObject(breaching)
    expect(toDatapoint(resting, graded).kind).toBe(DATAPOINT.ok)
    expect(toDatapoint(scoredPoint(0, { grade: 0, reason: 'normal' }), graded, breaching).kind).toBe(DATAPOINT.ok)
    expect(toDatapoint(scoredPoint(0, { grade: 0, reason: 'suppressed_direction' }), graded, breaching).kind).toBe(
      DATAPOINT.ok,
    )
  })

  it('on grade: the threshold itself breaches', () => {
    const atHalf = { on: 'grade', operator: 'GreaterThanOrEqualToThreshold', threshold: 0.5 } as const
    expect(kindOf(scoredPoint(0, { grade: 0.5 }), atHalf)).toBe(DATAPOINT.breaching)
    expect(kindOf(scoredPoint(0, { grade: 0.49 }), atHalf)).toBe(DATAPOINT.ok)
  })

  it('on grade: a learning detector and too low a confidence are not judged', () => {
    expect(kindOf(scoredPoint(0, { reason: 'learning' }), { on: 'grade' })).toBe(DATAPOINT.unjudged)
    const unsure = scoredPoint(0, { grade: 1, confidence: 0.4 })
    expect(kindOf(unsure, { on: 'grade', minConfidence: 0.5 })).toBe(DATAPOINT.unjudged)
    expect(kindOf(unsure, { on: 'grade', minConfidence: 0.4 })).toBe(DATAPOINT.breaching)
  })

  it('looks at the input that is named', () => {
    const [cpu] = scoredPoint(0).inputs
    const point = { ...scoredPoint(0), inputs: [cpu!, { ...cpu!, name: 'memory', value: 99 }] }
    expect(kindOf(point, { input: 'memory' })).toBe(DATAPOINT.breaching)
    expect(kindOf(point, {})).toBe(DATAPOINT.ok)
    expect(kindOf(point, { input: 'disk' })).toBe(DATAPOINT.missing)
  })
})
