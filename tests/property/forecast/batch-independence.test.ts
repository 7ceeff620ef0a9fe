import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Rng } from '../../../src/core/rng.ts'
import type { PredictiveDistribution } from '../../../src/forecast/deepar/predictive-distribution.ts'
import { StreamPredictor } from '../../../src/forecast/deepar/stream-predictor.ts'
import { StreamState } from '../../../src/forecast/deepar/stream-state.ts'
import { smallConfig, untrainedModel } from '../../support/deepar-models.ts'

const HOUR = 3_600_000
const PERIODS = 60
const predictor = new StreamPredictor(untrainedModel(smallConfig()))

const valuesOf = (seed: number) => {
  const rng = new Rng(seed)
  return Array.from({ length: PERIODS }, () => (rng.uniform() < 0.1 ? Number.NaN : 100 * rng.normal()))
}

/** All that a distribution says, as bits. */
const bitsOf = (found: PredictiveDistribution) =>
  [...new BigUint64Array(Float64Array.of(found.mean, found.quantile(0.9), found.tailProbability(1)).buffer)].join()

const step = (states: readonly StreamState[], values: readonly number[], t: number) =>
  predictor.advance(
    states.map((state, i) => ({
      state,
      timestampMs: t * HOUR,
      value: values[i]!,
      observed: !Number.isNaN(values[i]!),
    })),
  )

/** Every period of every series on its own. */
function alone(seeds: readonly number[]): string[][] {
  return seeds.map((seed) => {
    const state = predictor.newState()
    return valuesOf(seed).map((value, t) => bitsOf(step([state], [value], t)[0]!))
  })
}

it('gives a series the same bits whatever shares its batch, in whatever order, and across a snapshot', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 1e6 }), { minLength: 1, maxLength: 11 }),
      fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: PERIODS, maxLength: PERIODS }),
      fc.integer({ min: 1, max: PERIODS - 1 }),
      (seeds, cuts, restart) => {
        const expected = alone(seeds)
        let states = seeds.map(() => predictor.newState())
        const values = seeds.map(valuesOf)
        for (let t = 0; t < PERIODS; t++) {
          if (t === restart) states = states.map((state) => StreamState.restore(state.save(), 'test'))
          // The task's series in two batches, the cut and the order anew each period.
          const order = seeds.map((_, i) => i).sort((a, b) => ((a * 31 + cuts[t]!) % 7) - ((b * 31 + cuts[t]!) % 7))
          const cut = cuts[t]! % (seeds.length + 1)
          for (const part of [order.slice(0, cut), order.slice(cut)]) {
            const found = step(
              part.map((i) => states[i]!),
              part.map((i) => values[i]![t]!),
              t,
            )
            part.forEach((i, k) => {
              expect(bitsOf(found[k]!)).toBe(expected[i]![t])
            })
          }
        }
      },
    ),
    { numRuns: 25, seed: 7 },
  )
})
