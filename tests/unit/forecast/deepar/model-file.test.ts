import { describe, expect, it } from 'vitest'
import { TidegaugeError } from '../../../../src/core/errors.ts'
import { MEMBERS, NETWORK_ALONE } from '../../../../src/forecast/blend.ts'
import { decodeModel, encodeModel, requireCategories } from '../../../../src/forecast/deepar/model-file.ts'
import { smallConfig, untrainedModel } from '../../../support/deepar-models.ts'

const bare = untrainedModel(smallConfig({}, [2]))
const model = {
  ...bare,
  calibration: { shift: 0.1, below: 1.2, above: 0.9 },
  blend: { overall: NETWORK_ALONE.overall, items: new Map([['a', MEMBERS.map(() => 1 / MEMBERS.length)]]) },
}
const bytes = encodeModel(model)

function errorOf(run: () => unknown): TidegaugeError {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof TidegaugeError) return thrown
  }
  throw new Error('nothing was thrown')
}

describe('a model file', () => {
  it('gives back what was written', () => {
    expect(decodeModel(bytes, 'm')).toEqual(model)
  })

  it('is refused wherever a byte is changed, and wherever it is cut', () => {
    for (let at = 0; at < bytes.length; at += 97) {
      const damaged = bytes.slice()
      damaged[at] = damaged[at]! ^ 0x55
      expect(errorOf(() => decodeModel(damaged, 'm')).code).toBe('MODEL_INVALID')
      expect(errorOf(() => decodeModel(bytes.subarray(0, at), 'm')).code).toBe('MODEL_INVALID')
    }
  })

  it('of a later version says so', () => {
    const later = bytes.slice()
    later[4] = 9
    const error = errorOf(() => decodeModel(later, 'm.model'))
    expect(error.message).toMatch(/version 9/)
    expect(error.where).toBe('m.model')
  })

  it.each([
    ['frequency', 5],
    ['cells', -1],
    ['cells', 1e9],
    ['likelihood', 'cauchy'],
    ['lags', [0]],
    ['features', ['moon_phase']],
    ['copied', 500],
    ['logScale', [1]],
  ])('with %s %j is refused, whoever wrote it', (field, value) => {
    const wrong = encodeModel({ ...model, config: { ...model.config, [field]: value } })
    expect(errorOf(() => decodeModel(wrong, 'm')).message).toMatch(new RegExp(`config.${field}`))
  })

  it.each([
    ['too few', [1]],
    ['all nothing', MEMBERS.map(() => 0)],
    ['negative', MEMBERS.map((_, m) => (m === 1 ? -1 : 1))],
  ])('with shares that are %s is refused', (_, shares) => {
    const wrongs = [
      { overall: shares, items: new Map() },
      { overall: NETWORK_ALONE.overall, items: new Map([['a', shares]]) },
    ]
    for (const blend of wrongs)
      expect(errorOf(() => decodeModel(encodeModel({ ...model, blend }), 'm')).message).toMatch(/blend/)
  })

  it('with weights that are too few or not finite is refused', () => {
    expect(errorOf(() => decodeModel(encodeModel({ ...model, weights: model.weights.slice(1) }), 'm')).message).toMatch(
      /weights/,
    )
    const sick = model.weights.map((weight, i) => (i === 7 ? Number.NaN : weight))
    expect(errorOf(() => decodeModel(encodeModel({ ...model, weights: sick }), 'm')).message).toMatch(/finite/)
  })
})

it('a model of other categories is refused', () => {
  expect(() => requireCategories(model, [['c0']], 'm')).not.toThrow()
  expect(errorOf(() => requireCategories(model, [['mars']], 'm')).message).toMatch(/'mars'/)
  expect(errorOf(() => requireCategories(model, [], 'm')).message).toMatch(/1 categories, the data have 0/)
})
