import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exposedLabels } from '../../../../src/adapters/prometheus/series-labels.ts'

const OWN = { pipeline: 'web', metric: 'cpu' }

describe('exposedLabels', () => {
  it.each([
    ['plain labels are kept', { host: 'a', job: 'node' }, { host: 'a', job: 'node' }],
    ['ours are escaped as Prometheus does it', { pipeline: 'theirs' }, { exported_pipeline: 'theirs' }],
    ['again when that is taken', { metric: 'x', exported_metric: 'y' }, { exported_metric: 'y;x' }],
    ['invalid characters', { 'k8s.pod-name': 'p', größe: '1' }, { k8s_pod_name: 'p', gr__e: '1' }],
    ['a digit first', { '0x': 'a' }, { _0x: 'a' }],
    ['reserved names', { __name__: 'a' }, { _name__: 'a' }],
    ['an empty name', { '': 'a' }, { _: 'a' }],
    ['names that become the same are joined in order', { 'a.b': '1', 'a-b': '2', a_b: '3' }, { a_b: '2;1;3' }],
    ['a name of Object.prototype', { constructor: 'a', toString: 'b' }, { constructor: 'a', toString: 'b' }],
  ])('%s', (_, input: Record<string, string>, exposed) => {
    expect(exposedLabels(input, OWN)).toEqual({ ...exposed, ...OWN })
  })

  it('always gives names that Prometheus takes, and never loses one of ours', () => {
    const labels = fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), fc.string())
    fc.assert(
      fc.property(labels, (input) => {
        const exposed = exposedLabels(input, OWN)
        for (const name of Object.keys(exposed)) expect(name).toMatch(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/)
        expect(exposed).toMatchObject(OWN)
      }),
    )
  })
})
