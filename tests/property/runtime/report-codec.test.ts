import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GRADE_REASONS, type ScoredPoint } from '../../../src/band/scored-point.ts'
import { makeSeries } from '../../../src/core/series.ts'
import { TRAINING_STATES } from '../../../src/forecast/forecaster.ts'
import type { ScoredSeries } from '../../../src/pipeline/step-output.ts'
import { ScoreReader, ScoreWriter } from '../../../src/runtime/report-codec.ts'

const number = fc.double({ noDefaultInfinity: true })
const input = fc.record({ value: number, observed: fc.boolean(), expected: number, lower: number, upper: number })
const attribution = fc.record({
  input: fc.string(),
  lag: fc.nat(47),
  direction: fc.constantFrom<('above' | 'below')[]>('above', 'below'),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
})

const point: fc.Arbitrary<ScoredPoint> = fc
  .record({
    timestampMs: fc.integer(),
    score: fc.double({ min: 0, noNaN: true }),
    grade: fc.double({ min: 0, max: 1, noNaN: true }),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    reason: fc.constantFrom(...GRADE_REASONS),
    state: fc.constantFrom(...TRAINING_STATES),
    model: fc.constantFrom<ScoredPoint['model'][]>('seasonal-baseline', 'deepar'),
    forecastScore: fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined }),
    inputs: fc.array(input, { minLength: 1, maxLength: 3 }),
    attribution: fc.array(attribution, { maxLength: 2 }),
  })
  .map(({ forecastScore, inputs, ...rest }) => ({
    ...rest,
    ...(forecastScore === undefined ? {} : { forecastScore }),
    inputs: inputs.map((fields, i) => ({ name: `input${i}`, ...fields })),
  }))

const scored: fc.Arbitrary<ScoredSeries> = fc.record({
  series: fc.nat(4).map((i) => makeSeries('m', { i: String(i) })),
  point,
})

it('every report arrives as it was sent, whatever was forgotten between', () => {
  const turn = fc.record({ scores: fc.array(scored, { maxLength: 8 }), forgotten: fc.boolean() })
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 6 }), (turns) => {
      const writer = new ScoreWriter()
      const reader = new ScoreReader()
      for (const { scores, forgotten } of turns) {
        expect(reader.unpack(structuredClone(writer.pack(scores)))).toEqual(scores)
        const keys = forgotten ? scores.map(({ series }) => series.key) : []
        writer.forget(keys)
        reader.forget(keys)
      }
    }),
  )
})

it('names a series once', () => {
  const writer = new ScoreWriter()
  const [sample] = fc.sample(scored, 1)
  if (sample === undefined) throw new Error('nothing was drawn')
  expect(writer.pack([sample, sample]).series).toHaveLength(1)
  expect(writer.pack([sample]).series).toHaveLength(0)
})
