import { describe, expect, it } from 'vitest'
import { Rng } from '../../../../src/core/rng.ts'
import { applyCopies } from '../../../../src/forecast/deepar/head-loss.ts'
import { PathDrawer } from '../../../../src/forecast/deepar/path-drawer.ts'
import { StepNetwork } from '../../../../src/forecast/deepar/step-network.ts'
import { LIKELIHOOD_BY_NAME } from '../../../../src/forecast/distribution/families.ts'
import type { Likelihood } from '../../../../src/forecast/distribution/likelihood.ts'
import { smallConfig, untrainedModel } from '../../../support/deepar-models.ts'

const AFFINE = { location: 5, scale: 2 }
const SIZE = { samples: 6, horizon: 40 }

/** Inputs of step h that only a function of h and the column decides. */
const known = (h: number, column: number) => Math.sin(h + 0.7 * column)

/** A path by the stream's network alone: one row, in floats, every input written out. */
function pathByHand(model: ReturnType<typeof untrainedModel>, raw: Float64Array, start: Float32Array): number[] {
  const network = new StepNetwork(model)
  const { lags, copied, likelihood } = model.config
  const { rawSize }: Likelihood = LIKELIHOOD_BY_NAME[likelihood]
  const state = start.slice()
  const scaled = [raw[0]!]
  const head = new Float64Array(network.headSize)
  for (let h = 1; h < SIZE.horizon; h++) {
    const inputs = Float32Array.from({ length: network.inputSize }, (_, column) => {
      const lag = lags[column]
      return lag !== undefined && lag <= h ? scaled[h - lag]! : known(h, column)
    })
    network.step(1, inputs, [state], head)
    if (copied > 0) applyCopies(copied, head, 0, rawSize, inputs, 0, new Float64Array(copied + 1))
    scaled.push(head[0]!)
  }
  return scaled.map((value) => AFFINE.location + AFFINE.scale * value)
}

describe('PathDrawer', () => {
  it.each([
    [8, 2],
    [10, 1],
    [40, 3],
  ])(
    'draws what the network in floats says, where nothing is left to chance (%d cells, %d layers)',
    (cells, layers) => {
      const config = { ...smallConfig({ cells, likelihood: 'deterministic-l1' }), layers }
      const model = untrainedModel(config, 7)
      const network = new StepNetwork(model)
      const rng = new Rng(4)
      // The state of a step that was made, so that padding is 0 as it always is.
      const state = new Float32Array(network.stateSize)
      const inputs = Float32Array.from({ length: network.inputSize }, () => rng.normal())
      network.step(1, inputs, [state], new Float64Array(network.headSize))
      const raw = Float64Array.of(0.3)
      const expected = pathByHand(model, raw, state)
      const drawer = new PathDrawer(model, network.inputSize, SIZE)
      const start = {
        raw,
        state,
        affine: AFFINE,
        rng: new Rng(1),
        write: (h: number, out: Float32Array, at: number) => {
          for (let column = 0; column < network.inputSize; column++) out[at + column] = known(h, column)
        },
      }
      // Twice: nothing of the first series may be left.
      for (const paths of [drawer.draw(start), drawer.draw(start)]) {
        expected.forEach((value, h) => {
          for (let s = 0; s < SIZE.samples; s++) {
            expect(Math.abs(paths[h * SIZE.samples + s]! - value)).toBeLessThan(0.01)
          }
        })
      }
    },
  )
})
