import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { makeSeries } from '../../../src/core/series.ts'
import { toScoreRecord } from '../../../src/pipeline/render.ts'
import { SCORE_RECORD_SCHEMA } from '../../../src/pipeline/score-record-schema.ts'
import { missingPoint, scoredPoint } from '../../support/scored-points.ts'

const validate = new Ajv({ strict: false, allErrors: true }).compile(SCORE_RECORD_SCHEMA)
const series = makeSeries('cpu', { host: 'a' })

/** As a reader of the topic gets it. */
const read = (point: ReturnType<typeof scoredPoint>) =>
  JSON.parse(JSON.stringify(toScoreRecord('p', 60_000, { series, point })))

describe('the schema of the scores topic', () => {
  it.each([
    ['a point', scoredPoint(0)],
    ['a missing one', missingPoint(1)],
    [
      'an anomalous one',
      scoredPoint(2, {
        grade: 0.9,
        reason: 'anomalous_value',
        attribution: [{ input: 'cpu', lag: 0, direction: 'above', share: 1 }],
      }),
    ],
    ['one of several inputs', { ...scoredPoint(3), inputs: [...scoredPoint(3).inputs, ...scoredPoint(3).inputs] }],
  ])('takes %s', (_, point) => {
    expect(validate(read(point)), JSON.stringify(validate.errors)).toBe(true)
  })

  it.each(['schemaVersion', 'series', 'timestamp', 'score', 'value'])('misses a %s that is not there', (field) => {
    const { [field]: _, ...rest } = read(scoredPoint(0))
    expect(validate(rest)).toBe(false)
  })

  it('knows the reasons', () => {
    expect(validate({ ...read(scoredPoint(0)), reason: 'because' })).toBe(false)
  })
})
