import { describe, expect, it } from 'vitest'
import { type ForestOptions, forestSettings } from '../../../src/forest/options.ts'

describe('the options of a forest', () => {
  it('have defaults that follow the sample size', () => {
    expect(forestSettings({ sampleSize: 100 })).toEqual({
      inputs: 1,
      shingleSize: 1,
      trees: 50,
      sampleSize: 100,
      timeDecay: 1 / 1_000,
      seed: 0,
      outputAfter: 25,
      initialAcceptFraction: 1,
    })
  })

  it.each<[keyof ForestOptions, number]>([
    ['sampleSize', 0],
    ['sampleSize', Number.NaN],
    ['trees', 0],
    ['trees', 1.5],
    ['inputs', 0],
    ['inputs', 33],
    ['shingleSize', -1],
    ['shingleSize', 513],
    ['timeDecay', -0.1],
    ['timeDecay', Number.NaN],
    ['seed', -1],
    ['outputAfter', Number.POSITIVE_INFINITY],
    ['initialAcceptFraction', 0],
  ])('%s may not be %d', (name, value) => {
    expect(() => forestSettings({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', where: name, hint: expect.stringContaining('give a') }),
    )
  })
})
