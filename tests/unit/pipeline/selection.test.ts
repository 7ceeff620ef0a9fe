import { describe, expect, it } from 'vitest'
import { makeSeries } from '../../../src/core/series.ts'
import { compileMatch, Selection } from '../../../src/pipeline/selection.ts'

const cpu = makeSeries('cpu_usage', { host: 'web-1', pod: 'x7f' })

describe('compileMatch', () => {
  it('anchors its patterns and takes an absent label as empty', () => {
    expect(compileMatch({ name: 'cpu' })('cpu_usage', {})).toBe(false)
    expect(compileMatch({ name: 'cpu.*', host: 'web-.*' })('cpu_usage', cpu.labels)).toBe(true)
    expect(compileMatch({ __name__: 'cpu.*', zone: '' })('cpu_usage', cpu.labels)).toBe(true)
    expect(compileMatch({ zone: '.+' })('cpu_usage', cpu.labels)).toBe(false)
  })

  it('keeps alternatives inside the anchors', () => {
    expect(compileMatch({ name: 'a|b' })('ab', {})).toBe(false)
  })
})

describe('Selection', () => {
  it('takes everything without rules', () => {
    expect(new Selection({ rules: [], dropLabels: [] }).admit(cpu)).toBe(cpu)
  })

  it('lets the first matching rule decide, and leaves out what none matches', () => {
    const selection = new Selection({
      rules: [
        { match: { name: 'cpu.*', host: 'web-9' }, drop: true },
        { match: { name: 'cpu.*' }, drop: false },
      ],
      dropLabels: [],
    })
    expect(selection.admit(cpu)).toBe(cpu)
    expect(selection.admit(makeSeries('cpu_usage', { host: 'web-9' }))).toBeNull()
    expect(selection.admit(makeSeries('disk_free', {}))).toBeNull()
  })

  it('drops labels before series are told apart', () => {
    const selection = new Selection({ rules: [], dropLabels: ['pod'] })
    expect(selection.admit(cpu)?.key).toBe('cpu_usage{host="web-1"}')
  })

  it('gives the same answers when its memory is full', () => {
    const selection = new Selection({ rules: [{ match: { name: 'm[0-4]' }, drop: false }], dropLabels: [] }, 3)
    const answers = (round: number) =>
      Array.from({ length: 10 }, (_, i) => selection.admit(makeSeries(`m${i}`, {}))?.key ?? round * 0)
    expect(answers(1)).toEqual(answers(2))
  })
})
