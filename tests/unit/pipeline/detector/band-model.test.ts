import { describe, expect, it } from 'vitest'
import { type ModelNeeds, prepareModel } from '../../../../src/pipeline/detector/band-model.ts'
import { minutelyModel, released } from '../../../support/band-models.ts'
import { smallConfig, untrainedModel } from '../../../support/deepar-models.ts'
import { MINUTE_MS } from '../../../support/pipeline-options.ts'

const needs: ModelNeeds = { periodMs: MINUTE_MS, categories: 0 }

function refusalOf(bytes: Uint8Array, wanted: Partial<ModelNeeds> = {}) {
  const prepared = prepareModel({ version: 3, bytes }, { ...needs, ...wanted })
  return prepared.ok ? undefined : prepared.error.reason
}

describe('prepareModel', () => {
  const { bytes } = released(1, minutelyModel())

  it('takes a model that fits', () => {
    expect(refusalOf(bytes)).toBeUndefined()
  })

  it('refuses, with the reason, what does not fit', () => {
    const damaged = bytes.slice()
    damaged[damaged.length >> 1]! ^= 4
    expect(refusalOf(damaged)).toBe('damaged')
    expect(refusalOf(bytes.slice(0, 100))).toBe('damaged')
    const later = bytes.slice()
    later[4] = 200
    expect(refusalOf(later)).toBe('later_version')
    expect(refusalOf(bytes, { periodMs: 5 * MINUTE_MS })).toBe('other_period')
    expect(refusalOf(bytes, { categories: 1 })).toBe('other_categories')
    const model = minutelyModel()
    const covariates = untrainedModel({ ...model.config, dynamicFeatures: 1 })
    expect(refusalOf(released(1, covariates).bytes)).toBe('needs_covariates')
    const point = untrainedModel({ ...smallConfig({ likelihood: 'deterministic-l1' }), frequency: 'min' })
    expect(refusalOf(released(1, point).bytes)).toBe('no_distribution')
  })

  it('wins only when it was measured to be better than seasonal naive', () => {
    const wins = (macroWql: number) => {
      const prepared = prepareModel(released(1, minutelyModel(1, macroWql)), needs)
      return prepared.ok && prepared.value.wins
    }
    expect([wins(0.1), wins(0.2), wins(0.3), wins(Number.NaN)]).toEqual([true, false, false, false])
  })
})
