import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { KernelPlan } from '../../../../src/forecast/deepar/lstm-kernel.ts'
import { PathOutputs } from '../../../../src/forecast/deepar/path-outputs.ts'
import { LIKELIHOOD_BY_NAME } from '../../../../src/forecast/distribution/families.ts'
import type { LikelihoodName } from '../../../../src/forecast/distribution/likelihood.ts'
import { smallConfig, untrainedModel } from '../../../support/deepar-models.ts'

const AFFINE = { location: 50, scale: 4 }
const RAW = Float64Array.of(0.4, 1.5, -0.2)
/** No whole number of fours. */
const SIZE = { samples: 9998, horizon: 1 }

function drawsOf(likelihood: LikelihoodName, seed: number): Float64Array {
  const outputs = new PathOutputs(new KernelPlan(), untrainedModel(smallConfig({ likelihood })), SIZE)
  const rng = new Rng(seed)
  const raw = RAW.subarray(0, LIKELIHOOD_BY_NAME[likelihood].rawSize)
  outputs.start({ raw, state: new Float32Array(0), affine: AFFINE, rng, write: () => {} })
  const paths = new Float64Array(SIZE.samples)
  outputs.draw(0, AFFINE, rng, paths)
  return paths
}

describe('PathOutputs', () => {
  it.each(['student-t', 'gaussian', 'negative-binomial'] as const)(
    'draws %s in the units of the series, a function of the seed',
    (likelihood) => {
      const draws = drawsOf(likelihood, 3)
      const { quantile, cdf } = LIKELIHOOD_BY_NAME[likelihood]
      for (const level of [0.05, 0.5, 0.95]) {
        const edge = quantile(RAW, 0, AFFINE, level)
        const expected = cdf(RAW, 0, AFFINE, edge)
        const share = draws.filter((value) => value <= edge).length / draws.length
        // Four standard errors.
        expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / draws.length))
      }
      expect(drawsOf(likelihood, 3)).toEqual(draws)
      expect(drawsOf(likelihood, 4)).not.toEqual(draws)
    },
  )
})
