import { describe, expect, it } from 'vitest'
import { PathSampler } from '../../../../src/forecast/deepar/path-sampler.ts'
import { prepareSeries } from '../../../../src/forecast/deepar/prepared-series.ts'
import { smallConfig, untrainedModel } from '../../../support/deepar-models.ts'
import { dailySeries } from '../../../support/metric-series.ts'

const model = untrainedModel(smallConfig({}, [2]), 3)
const sampler = new PathSampler(model)
const SPLIT = 120
const OPTIONS = { samples: 30, horizon: 15, seed: 5 }

const tasksOf = (change: (value: number, index: number) => number, category = 0) =>
  dailySeries(3, 160, 8).map((one) => {
    const changed = { ...one, target: one.target.map(change), categories: [category] }
    return { series: prepareSeries(changed, model.config, 24), split: SPLIT }
  })

describe('PathSampler', () => {
  const tasks = tasksOf((value) => value)
  const paths = sampler.sample(tasks, OPTIONS)

  it('gives the same paths for the same seed, and others for another', () => {
    expect(sampler.sample(tasks, OPTIONS)).toEqual(paths)
    expect(sampler.sample(tasks, { ...OPTIONS, seed: 6 })).not.toEqual(paths)
  })

  it('knows nothing of what comes after the split', () => {
    const other = tasksOf((value, index) => (index >= SPLIT ? 1.02 * value : value))
    // Not to the last bit: the sums of a window's scale are centred on the middle of the whole series.
    sampler.sample(other, OPTIONS).forEach((found, i) => {
      found.forEach((value, at) => {
        expect(value).toBeCloseTo(paths[i]![at]!, 8)
      })
    })
  })

  it('knows what comes before it, and the category', () => {
    expect(
      sampler.sample(
        tasksOf((value, index) => (index === SPLIT - 1 ? 1.5 * value : value)),
        OPTIONS,
      ),
    ).not.toEqual(paths)
    expect(
      sampler.sample(
        tasksOf((value) => value, 1),
        OPTIONS,
      ),
    ).not.toEqual(paths)
  })

  it('spreads the paths of a series, each step its own', () => {
    const [first] = paths
    expect(first).toHaveLength(OPTIONS.samples * OPTIONS.horizon)
    expect(new Set(first).size).toBe(first!.length)
  })
})
