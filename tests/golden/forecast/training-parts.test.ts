import { describe, expect, it } from 'vitest'
import { Adam } from '../../../src/forecast/deepar/optimiser.ts'
import { meanAbsolute } from '../../../src/forecast/scaler.ts'
import { deepArVectors } from '../../support/deepar-vectors.ts'

const vectors = deepArVectors()

it("moves weights as torch's clip_grad_norm_ and Adam do", () => {
  const { w0, steps } = vectors.adam_clip
  const weights = Float64Array.from(w0)
  const adam = new Adam(weights.length, { weightDecay: 1e-2, clipNorm: 10 })
  for (const { norm_before_clip, w } of steps) {
    const norm = adam.update(
      weights,
      weights.map((value) => 3 * value * value),
      1e-3,
    )
    expect(norm).toBeCloseTo(norm_before_clip, 9)
    w.forEach((value, i) => {
      expect(weights[i]).toBeCloseTo(value, 10)
    })
  }
})

describe("scales windows as GluonTS' mean scaler does", () => {
  const { data, mask, cases } = vectors.mean_scaler
  const observed = data.flatMap((row, r) => row.filter((_, i) => mask[r]![i] === 1))
  const batchMean = observed.reduce((sum, value) => sum + Math.abs(value), 0) / observed.length
  it.each(cases)('$options', ({ options, scale }) => {
    const fallback = options.default_scale ?? batchMean
    const minimum = options.minimum_scale === undefined ? {} : { minimum: options.minimum_scale }
    data.forEach((row, r) => {
      expect(meanAbsolute(row, mask[r]!, { fallback, ...minimum })).toBeCloseTo(scale[r]![0]!, 10)
    })
  })
})
