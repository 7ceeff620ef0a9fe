import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { MEMBERS } from '../../../src/forecast/blend.ts'
import { decodeModel } from '../../../src/forecast/deepar/model-file.ts'
import { smallConfig, untrainedModel } from '../../support/deepar-models.ts'

/** Written by version 1: an untrained model of the same configuration, whose blend was overall 0.3, a 1, b 0. */
const bytes = readFileSync(new URL('fixtures/model-v1.bin', import.meta.url))

it('a model of version 1 is read: its one classic was seasonal naive', () => {
  const model = decodeModel(bytes, 'model-v1.bin')
  const { config, weights } = untrainedModel(smallConfig({}, [2]))
  expect(model.config).toEqual(config)
  expect(model.weights).toEqual(weights)
  expect(model.calibration).toEqual({ shift: 0.1, below: 1.2, above: 0.9 })
  const sharesOf = (shares: readonly number[]) => Object.fromEntries(MEMBERS.map((name, m) => [name, shares[m]]))
  expect(sharesOf(model.blend.overall)).toMatchObject({ deepar: 0.7, 'seasonal-naive': 0.3, 'same-hour': 0 })
  expect(sharesOf(model.blend.items.get('a') ?? [])).toMatchObject({ deepar: 0, 'seasonal-naive': 1 })
  expect(sharesOf(model.blend.items.get('b') ?? [])).toMatchObject({ deepar: 1, 'seasonal-naive': 0 })
})
